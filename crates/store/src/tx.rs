use crate::dialect::Connection;

/// What can be read, all of it from one moment of the database.
pub struct Reads<'c> {
    pub(crate) connection: &'c Connection,
}

/// What can be written. Everything done on one `Tx` is stored whole or not at all.
pub struct Tx<'c> {
    pub(crate) connection: &'c Connection,
}

impl<'c> Tx<'c> {
    /// Reads what is stored, this transaction's own writes included.
    pub fn reads(&self) -> Reads<'c> {
        Reads { connection: self.connection }
    }
}

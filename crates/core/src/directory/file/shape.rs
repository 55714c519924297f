//! How a property of the file is described: what [`super::table`] is written in.

/// A kind of object in the file, in Graph's word where Graph has one.
#[derive(Debug)]
pub(super) struct Kind {
    /// Graph's name of the resource.
    pub(super) name: &'static str,
    /// For messages: `a user`.
    pub(super) spoken: &'static str,
    /// What is acted on.
    pub(super) properties: &'static [Property],
    /// Graph's, accepted and without effect here: names with spaces between them.
    pub(super) without_effect: &'static str,
    /// Would change who may sign in, and Ropeway does not do it yet. Empty, `false` and `none` values pass.
    /// Names with spaces between them.
    pub(super) unsupported: &'static str,
    /// Names people try, with what to write instead.
    pub(super) refused: &'static [(&'static str, &'static str)],
    /// A policy that is disabled or report-only may say what is unsupported: it is loaded as disabled, with a note.
    pub(super) may_be_off: bool,
}

/// One property that is acted on.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// One sentence for the person who writes the file; the JSON Schema's description.
    pub(super) about: &'static str,
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Text that is not empty.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number in this range.
    Number(i64, i64),
    /// 8-4-4-4-12 hexadecimal digits.
    Guid,
    /// A GUID, or the value of a permission that the application publishes.
    Permission,
    /// RFC 3339.
    Moment,
    /// An ISO 8601 duration of days, hours, minutes and seconds, perhaps negative.
    Duration,
    /// One of the first words; those of the second list (with spaces between them) are Graph's and not supported yet.
    Word(&'static [&'static str], &'static str),
    /// Some of these words: a list, or one text with commas between them, as Graph writes some flags.
    Words(&'static [&'static str]),
    /// Text that is never shown, or `{ env: NAME }`.
    Secret,
    /// A [`Shape::Secret`] or an Argon2id PHC string.
    Password,
    /// A [`Shape::Secret`] in base32.
    Base32,
    /// A certificate: DER in base64, or PEM.
    Certificate,
    /// An address range, `192.0.2.0/24` or `2001:db8::/32`.
    Cidr,
    /// An absolute URI.
    Uri,
    /// The address of a web page.
    WebUri,
    /// An address that an authorization answer may be sent to.
    RedirectUri,
    /// An authentication context of the tenant's own, `c1` to `c99`.
    AuthenticationContext,
    /// A DNS name.
    Domain,
    /// `name@domain`.
    UserName,
    /// An object of this tenant: its id or one of its names. As exported, an object with an `id` will do.
    Reference,
    /// A [`Shape::Reference`], or a list that stands for one entry each.
    References,
    /// A list of these.
    List(&'static Shape),
    /// An object of this kind.
    Object(&'static Kind),
}

impl Property {
    pub(super) const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, required: false, about }
    }

    pub(super) const fn required(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, required: true, about }
    }
}

impl Kind {
    /// A kind of which nothing is said but its properties.
    pub(super) const fn new(name: &'static str, spoken: &'static str, properties: &'static [Property]) -> Self {
        Self { name, spoken, properties, without_effect: "", unsupported: "", refused: &[], may_be_off: false }
    }

    pub(super) const fn without_effect(mut self, names: &'static str) -> Self {
        self.without_effect = names;
        self
    }

    pub(super) const fn unsupported(mut self, names: &'static str) -> Self {
        self.unsupported = names;
        self
    }

    pub(super) const fn refused(mut self, names: &'static [(&'static str, &'static str)]) -> Self {
        self.refused = names;
        self
    }

    pub(super) const fn may_be_off(mut self) -> Self {
        self.may_be_off = true;
        self
    }

    /// The acted-on property of this name.
    pub(super) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// Every name that may be written.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let properties = self.properties.iter().map(|property| property.name);
        properties.chain(self.without_effect.split_whitespace()).chain(self.unsupported.split_whitespace())
    }
}

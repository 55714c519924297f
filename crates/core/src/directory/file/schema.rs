use serde_json::{Map, Value, json};

use super::shape::{Kind, Shape};
use super::table::FILE;

/// The JSON Schema (draft 2020-12) of the tenant file, for editors. It says what the table says; references, duplicates
/// and what contradicts itself only [`super::read`] finds.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    define(&FILE, &mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Ropeway tenant file",
        "$ref": format!("#/$defs/{}", FILE.name),
        "$defs": definitions,
    })
}

fn define(kind: &'static Kind, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(kind.name) {
        return;
    }
    // Reserved before its properties are followed, so that the file comes first.
    definitions.insert(kind.name.to_owned(), Value::Null);
    let mut properties = Map::new();
    for property in kind.properties {
        let value = json!({ "description": property.about, "anyOf": [of_shape(property.shape, definitions), { "type": "null" }] });
        properties.insert(property.name.to_owned(), value);
    }
    for name in kind.without_effect.split_whitespace() {
        properties.insert(name.to_owned(), json!({ "description": "Without effect here." }));
    }
    for name in kind.unsupported.split_whitespace() {
        properties
            .insert(name.to_owned(), json!({ "description": "Not supported yet: refused unless it says nothing." }));
    }
    let required: Vec<&str> = kind.properties.iter().filter(|p| p.required).map(|p| p.name).collect();
    let definition = json!({
        "title": kind.name,
        "type": "object",
        "properties": properties,
        "patternProperties": { "@odata\\.|^extension_": true },
        "additionalProperties": false,
        "required": required,
    });
    definitions.insert(kind.name.to_owned(), definition);
}

fn of_shape(shape: Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text | Shape::Permission => json!({ "type": "string", "minLength": 1 }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Number(lowest, highest) => json!({ "type": "integer", "minimum": lowest, "maximum": highest }),
        Shape::Guid => json!({ "type": "string", "pattern": GUID }),
        Shape::Moment => json!({ "type": "string", "format": "date-time" }),
        Shape::Duration => json!({ "type": "string", "pattern": "^-?P[0-9WDTHMS]+$" }),
        Shape::Word(known, not_yet) => {
            let words: Vec<&str> = known.iter().copied().chain(not_yet.split_whitespace()).collect();
            json!({ "enum": words })
        }
        Shape::Words(known) => json!({ "anyOf": [
            { "type": "string", "pattern": format!("^ *(({0})( *, *({0}))*)? *$", known.join("|")) },
            { "type": "array", "items": { "enum": known } },
        ] }),
        Shape::Secret | Shape::Password | Shape::Base32 => json!({ "anyOf": [
            { "type": "string", "minLength": 1 },
            {
                "type": "object",
                "properties": { "env": { "type": "string", "description": "An environment variable that holds it." } },
                "required": ["env"],
                "additionalProperties": false,
            },
        ] }),
        Shape::Certificate => json!({ "type": "string", "contentEncoding": "base64" }),
        Shape::Cidr => json!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$" }),
        Shape::Uri => json!({ "type": "string", "format": "uri" }),
        Shape::WebUri => json!({ "type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?:" }),
        Shape::RedirectUri => json!({ "type": "string", "format": "uri", "anyOf": [
            { "not": { "pattern": "^[Hh][Tt][Tt][Pp]:" } },
            { "pattern": "^[Hh][Tt][Tt][Pp]://([Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]|127\\.0\\.0\\.1)([:/?]|$)" },
        ] }),
        Shape::AuthenticationContext => json!({ "type": "string", "pattern": "^[Cc][1-9][0-9]?$" }),
        Shape::Domain => json!({ "type": "string", "format": "idn-hostname" }),
        Shape::UserName => json!({ "type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$" }),
        Shape::Reference => json!({ "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "object", "properties": { "id": { "type": "string" } }, "required": ["id"] },
        ] }),
        Shape::References => {
            let one = of_shape(Shape::Reference, definitions);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Shape::List(element) => json!({ "type": "array", "items": of_shape(*element, definitions) }),
        Shape::Object(kind) => {
            define(kind, definitions);
            json!({ "$ref": format!("#/$defs/{}", kind.name) })
        }
    }
}

const GUID: &str = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$";

//! Values as a tree, and the tree as text.

use super::{Wrong, number};
use serde::ser::{Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number without a sign or a fraction.
    Whole(u64),
    /// Any other number; always finite.
    Number(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Json>),
    /// Names and their values.
    Members(Vec<(String, Json)>),
}

impl Json {
    /// The text, when it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// Without the member of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Json::Members(members) = self {
            members.retain(|(key, _)| key != name);
        }
    }

    /// Members in the order of RFC 8785. Ours have names in ASCII, where all orders agree.
    fn sort(&mut self) {
        match self {
            Json::List(items) => items.iter_mut().for_each(Json::sort),
            Json::Members(members) => {
                members.iter_mut().for_each(|(_, value)| value.sort());
                // few and all different: by insertion
                for end in 1..members.len() {
                    let mut at = end;
                    while at > 0 && members[at].0 < members[at - 1].0 {
                        members.swap(at, at - 1);
                        at -= 1;
                    }
                }
            }
            _ => {}
        }
    }

    /// RFC 8785.
    pub(crate) fn canonical(mut self) -> String {
        self.sort();
        self.to_text()
    }

    /// Without white space.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Whole(value) => out.push_str(&value.to_string()),
            Json::Number(value) => out.push_str(&number::text(*value)),
            Json::Text(text) => quote(text, out),
            Json::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Json::Members(members) => {
                out.push('{');
                for (i, (name, value)) in members.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// RFC 8785, 3.2.2.2.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                let digit = |v: u32| char::from_digit(v, 16).unwrap_or('0');
                out.push_str("\\u00");
                out.push(digit(c as u32 >> 4));
                out.push(digit(c as u32 & 15));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Whole(value) => serializer.serialize_u64(*value),
            Json::Number(value) => serializer.serialize_f64(*value),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items),
            Json::Members(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

macro_rules! whole {
    ($($from:ty)*) => {$(
        impl From<$from> for Json {
            fn from(value: $from) -> Self {
                Json::Whole(value as u64)
            }
        }
    )*};
}

whole!(u8 u16 u32 u64 usize);

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Json::Bool(value)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Json::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Json::Null, Into::into)
    }
}

impl From<i32> for Json {
    fn from(value: i32) -> Self {
        u64::try_from(value).map_or(Json::Number(value.into()), Json::Whole)
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        if value.is_finite() { Json::Number(value) } else { Json::Null }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::Text(text)
    }
}

impl From<std::borrow::Cow<'_, str>> for Json {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Json::Text(text.into_owned())
    }
}

/// A value as a tree.
///
/// # Errors
/// [`Wrong`] for numbers that are not finite, and for shapes that the engine does not use.
pub fn tree<T: Serialize + ?Sized>(value: &T) -> Result<Json, Wrong> {
    value.serialize(Grow)
}

struct Grow;

#[cold]
pub(super) fn unused<T>() -> Result<T, Wrong> {
    Err(Wrong::new("this kind of value is not used"))
}

macro_rules! as_whole {
    ($($name:ident $from:ty)*) => {$(
        fn $name(self, value: $from) -> Result<Json, Wrong> {
            Ok(Json::Whole(value.into()))
        }
    )*};
}

macro_rules! as_signed {
    ($($name:ident $from:ty)*) => {$(
        fn $name(self, value: $from) -> Result<Json, Wrong> {
            Ok(u64::try_from(value).map_or(Json::Number(value as f64), Json::Whole))
        }
    )*};
}

impl Serializer for Grow {
    type Ok = Json;
    type Error = Wrong;
    type SerializeSeq = Items;
    type SerializeTuple = Impossible<Json, Wrong>;
    type SerializeTupleStruct = Impossible<Json, Wrong>;
    type SerializeTupleVariant = Impossible<Json, Wrong>;
    type SerializeMap = Named;
    type SerializeStruct = Named;
    type SerializeStructVariant = Impossible<Json, Wrong>;

    as_whole!(serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64);
    as_signed!(serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64);

    fn serialize_bool(self, value: bool) -> Result<Json, Wrong> {
        Ok(Json::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Json, Wrong> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Json, Wrong> {
        if value.is_finite() { Ok(Json::Number(value)) } else { Err(Wrong::new("a number is not finite")) }
    }

    fn serialize_char(self, value: char) -> Result<Json, Wrong> {
        Ok(Json::Text(value.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Json, Wrong> {
        Ok(text.into())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Json, Wrong> {
        unused()
    }

    fn serialize_none(self) -> Result<Json, Wrong> {
        Ok(Json::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Json, Wrong> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Json, Wrong> {
        Ok(Json::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Json, Wrong> {
        Ok(Json::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Json, Wrong> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Json, Wrong> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Json, Wrong> {
        unused()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Wrong> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Wrong> {
        unused()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Wrong> {
        unused()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Wrong> {
        unused()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Named, Wrong> {
        Ok(Named(Vec::new()))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Named, Wrong> {
        Ok(Named(Vec::new()))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Wrong> {
        unused()
    }
}

struct Items(Vec<Json>);

impl SerializeSeq for Items {
    type Ok = Json;
    type Error = Wrong;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Wrong> {
        self.0.push(value.serialize(Grow)?);
        Ok(())
    }

    fn end(self) -> Result<Json, Wrong> {
        Ok(Json::List(self.0))
    }
}

struct Named(Vec<(String, Json)>);

impl SerializeStruct for Named {
    type Ok = Json;
    type Error = Wrong;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Wrong> {
        self.0.push((key.to_owned(), value.serialize(Grow)?));
        Ok(())
    }

    fn end(self) -> Result<Json, Wrong> {
        Ok(Json::Members(self.0))
    }
}

impl SerializeMap for Named {
    type Ok = Json;
    type Error = Wrong;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Wrong> {
        let key = key.serialize(Grow)?.as_str().ok_or_else(|| Wrong::new("a name is not text"))?.to_owned();
        self.0.push((key, Json::Null));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Wrong> {
        let value = value.serialize(Grow)?;
        if let Some(last) = self.0.last_mut() {
            last.1 = value;
        }
        Ok(())
    }

    fn end(self) -> Result<Json, Wrong> {
        Ok(Json::Members(self.0))
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

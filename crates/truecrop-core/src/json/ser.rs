//! Values to JSON, by serde's derives: first a [`Value`], then its text.

use super::error::unsupported;
use super::{Error, Value};
use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct};

/// A value as a [`Value`].
///
/// # Errors
/// [`Error`] for numbers that are not finite, and for the parts of serde's data model that the engine does not use.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    value.serialize(Serializer)
}

/// JSON of a value without white space, its members in the order in which they are declared.
///
/// # Errors
/// As [`to_value`].
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    Ok(to_value(value)?.to_json())
}

/// RFC 8785 JSON of a value.
///
/// # Errors
/// As [`to_value`].
pub fn to_canonical_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    Ok(to_value(value)?.into_canonical_string())
}

struct Serializer;

macro_rules! serialize_unsigned {
    ($($name:ident $from:ty)*) => {$(
        fn $name(self, value: $from) -> Result<Value, Error> {
            Ok(Value::Unsigned(value.into()))
        }
    )*};
}

macro_rules! serialize_signed {
    ($($name:ident $from:ty)*) => {$(
        fn $name(self, value: $from) -> Result<Value, Error> {
            Ok(u64::try_from(value).map_or(Value::Float(value as f64), Value::Unsigned))
        }
    )*};
}

impl ser::Serializer for Serializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = SerializeArray;
    type SerializeTuple = Impossible<Value, Error>;
    type SerializeTupleStruct = Impossible<Value, Error>;
    type SerializeTupleVariant = Impossible<Value, Error>;
    type SerializeMap = SerializeObject;
    type SerializeStruct = SerializeObject;
    type SerializeStructVariant = Impossible<Value, Error>;

    serialize_unsigned!(serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64);
    serialize_signed!(serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64);

    fn serialize_bool(self, value: bool) -> Result<Value, Error> {
        Ok(Value::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Value, Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<Value, Error> {
        if value.is_finite() { Ok(Value::Float(value)) } else { Err(Error::new("a number is not finite")) }
    }

    fn serialize_char(self, value: char) -> Result<Value, Error> {
        Ok(Value::String(value.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Value, Error> {
        Ok(text.into())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Value, Error> {
        unsupported()
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Error> {
        unsupported()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<SerializeArray, Error> {
        Ok(SerializeArray(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        unsupported()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        unsupported()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        unsupported()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<SerializeObject, Error> {
        Ok(SerializeObject(Vec::new()))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<SerializeObject, Error> {
        Ok(SerializeObject(Vec::new()))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        unsupported()
    }
}

struct SerializeArray(Vec<Value>);

impl SerializeArray {
    /// Not generic, so that its code exists once.
    #[inline(never)]
    fn push(&mut self, item: Result<Value, Error>) -> Result<(), Error> {
        self.0.push(item?);
        Ok(())
    }
}

impl SerializeSeq for SerializeArray {
    type Ok = Value;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.push(value.serialize(Serializer))
    }

    fn end(self) -> Result<Value, Error> {
        Ok(Value::Array(self.0))
    }
}

struct SerializeObject(Vec<(String, Value)>);

impl SerializeObject {
    /// Not generic, so that its code exists once.
    #[inline(never)]
    fn push(&mut self, name: &str, value: Result<Value, Error>) -> Result<(), Error> {
        self.0.push((name.to_owned(), value?));
        Ok(())
    }
}

impl SerializeStruct for SerializeObject {
    type Ok = Value;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.push(name, value.serialize(Serializer))
    }

    fn end(self) -> Result<Value, Error> {
        Ok(Value::Object(self.0))
    }
}

impl SerializeMap for SerializeObject {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let key = key
            .serialize(Serializer)?
            .as_str()
            .ok_or_else(|| Error::new("a name is not a string"))?
            .to_owned();
        self.0.push((key, Value::Null));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let value = value.serialize(Serializer)?;
        if let Some(last) = self.0.last_mut() {
            last.1 = value;
        }
        Ok(())
    }

    fn end(self) -> Result<Value, Error> {
        Ok(Value::Object(self.0))
    }
}

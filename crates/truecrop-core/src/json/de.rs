//! JSON to values, by serde's derives, which read a [`Value`]. Each type is read from the one kind of JSON value that it
//! is written as, and by reference, so that little code is made for each type.

use super::error::unsupported;
use super::{Error, Value, parse};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use std::iter::Enumerate;
use std::slice::Iter;

/// Reads a value from a JSON text. Fields that stand twice are refused, as are unknown ones where the type says so.
///
/// # Errors
/// [`Error`] if this is not JSON of the right shape.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    T::deserialize(&parse(text)?)
}

impl Value {
    #[cold]
    #[inline(never)]
    fn invalid_type(&self, expected: &dyn Expected) -> Error {
        let kind = match self {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Unsigned(value) => Unexpected::Unsigned(*value),
            Value::Float(value) => Unexpected::Float(*value),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        de::Error::invalid_type(kind, expected)
    }
}

macro_rules! visit {
    ($($name:ident)* => $node:pat => $visited:expr, $visitor:ident) => {$(
        fn $name<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Error> {
            match self {
                $node => $visited,
                other => Err(other.invalid_type(&$visitor)),
            }
        }
    )*};
}

macro_rules! visit_numbers {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self {
                Value::Unsigned(value) => visitor.visit_u64(*value),
                Value::Float(value) => visitor.visit_f64(*value),
                other => Err(other.invalid_type(&visitor)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &Value {
    type Error = Error;

    visit_numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64);
    visit_numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    visit!(deserialize_bool => Value::Bool(value) => visitor.visit_bool(*value), visitor);
    visit!(deserialize_unit => Value::Null => visitor.visit_unit(), visitor);
    visit!(deserialize_str deserialize_string deserialize_identifier
        => Value::String(text) => visitor.visit_str(text), visitor);
    visit!(deserialize_seq => Value::Array(items) => visitor.visit_seq(ArrayAccess(items.iter().enumerate())), visitor);
    visit!(deserialize_map => Value::Object(members)
        => visitor.visit_map(ObjectAccess(members)), visitor);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Value::Null => visitor.visit_unit(),
            Value::Bool(_) => self.deserialize_bool(visitor),
            Value::Unsigned(_) | Value::Float(_) => self.deserialize_f64(visitor),
            Value::String(_) => self.deserialize_string(visitor),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if *self == Value::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(VariantName(self))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit_struct tuple tuple_struct ignored_any
    }
}

/// The items still to be read, with their places.
struct ArrayAccess<'a>(Enumerate<Iter<'a, Value>>);

impl<'de> SeqAccess<'de> for ArrayAccess<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(item).map(Some).map_err(|error| error.within(&format!("[{index}]")))
    }
}

/// The members still to be read; the first one stays until its value is read.
struct ObjectAccess<'a>(&'a [(String, Value)]);

impl<'de> MapAccess<'de> for ObjectAccess<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, _)) = self.0.first() else { return Ok(None) };
        seed.deserialize(StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let Some(((name, value), rest)) = self.0.split_first() else { return unsupported() };
        self.0 = rest;
        seed.deserialize(value).map_err(|error| error.within(name))
    }
}

/// A variant of an enumeration, written as its name alone.
struct VariantName<'a>(&'a Value);

impl<'de> EnumAccess<'de> for VariantName<'_> {
    type Error = Error;
    type Variant = UnitOnly;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, UnitOnly), Error> {
        Ok((seed.deserialize(self.0)?, UnitOnly))
    }
}

struct UnitOnly;

impl<'de> VariantAccess<'de> for UnitOnly {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        unsupported()
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        unsupported()
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        unsupported()
    }
}

//! A tree as a value, by serde's derives. Each kind of value takes the one kind of node that it is written as, so that little
//! code is made for each type.

use super::{Json, Wrong, parse};
use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

/// Reads a value of a whole text.
///
/// # Errors
/// [`Wrong`] with what is wrong, when this is not JSON of the right shape.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Wrong> {
    T::deserialize(parse(text)?)
}

impl Json {
    #[cold]
    #[inline(never)]
    fn unlike(&self, expected: &dyn Expected) -> Wrong {
        let kind = match self {
            Json::Null => Unexpected::Unit,
            Json::Bool(value) => Unexpected::Bool(*value),
            Json::Whole(value) => Unexpected::Unsigned(*value),
            Json::Number(value) => Unexpected::Float(*value),
            Json::Text(text) => Unexpected::Str(text),
            Json::List(_) => Unexpected::Seq,
            Json::Members(_) => Unexpected::Map,
        };
        Wrong::invalid_type(kind, expected)
    }
}

macro_rules! takes {
    ($($name:ident)* => $node:pat => $visited:expr, $visitor:ident) => {$(
        fn $name<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Wrong> {
            match self {
                $node => $visited,
                other => Err(other.unlike(&$visitor)),
            }
        }
    )*};
}

macro_rules! takes_numbers {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            match self {
                Json::Whole(value) => visitor.visit_u64(value),
                Json::Number(value) => visitor.visit_f64(value),
                other => Err(other.unlike(&visitor)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Json {
    type Error = Wrong;

    takes_numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64);
    takes_numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    takes!(deserialize_bool => Json::Bool(value) => visitor.visit_bool(value), visitor);
    takes!(deserialize_unit => Json::Null => visitor.visit_unit(), visitor);
    takes!(deserialize_str deserialize_string deserialize_identifier
        => Json::Text(text) => visitor.visit_string(text), visitor);
    takes!(deserialize_seq => Json::List(items) => visitor.visit_seq(Items(items.into_iter(), 0)), visitor);
    takes!(deserialize_map => Json::Members(members)
        => visitor.visit_map(Members(members.into_iter(), String::new(), Json::Null)), visitor);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self {
            Json::Null => visitor.visit_unit(),
            Json::Bool(_) => self.deserialize_bool(visitor),
            Json::Whole(_) | Json::Number(_) => self.deserialize_f64(visitor),
            Json::Text(_) => self.deserialize_string(visitor),
            Json::List(_) => self.deserialize_seq(visitor),
            Json::Members(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self == Json::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(Name(self))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit_struct tuple tuple_struct ignored_any
    }
}

/// What is left, and how many are taken.
struct Items(std::vec::IntoIter<Json>, usize);

impl<'de> SeqAccess<'de> for Items {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(item) = self.0.next() else { return Ok(None) };
        self.1 += 1;
        seed.deserialize(item).map(Some).map_err(|wrong| wrong.within(&format!("[{}]", self.1 - 1)))
    }
}

/// What is left, and the last name with its value.
struct Members(std::vec::IntoIter<(String, Json)>, String, Json);

impl<'de> MapAccess<'de> for Members {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.0.next() else { return Ok(None) };
        (self.1, self.2) = (name.clone(), value);
        seed.deserialize(StringDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let value = std::mem::replace(&mut self.2, Json::Null);
        seed.deserialize(value).map_err(|wrong| wrong.within(&self.1))
    }
}

/// Enumerations are names alone.
struct Name(Json);

impl<'de> EnumAccess<'de> for Name {
    type Error = Wrong;
    type Variant = Nothing;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Nothing), Wrong> {
        Ok((seed.deserialize(self.0)?, Nothing))
    }
}

struct Nothing;

impl<'de> VariantAccess<'de> for Nothing {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Wrong> {
        super::unused()
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        super::unused()
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Wrong> {
        super::unused()
    }
}

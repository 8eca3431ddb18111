namespace Millrace.Serialization;

/// <summary>The form of a type in JSON.</summary>
public enum TypeForm
{
    /// <summary>Any JSON. The form is unknown.</summary>
    Any,

    /// <summary>The value that a type with <c>[Id]</c> or <c>[Value]</c> wraps, without an enclosing object.</summary>
    Value,

    /// <summary>One of several texts.</summary>
    Enumeration,

    /// <summary>An object with members.</summary>
    Object,

    /// <summary>An array of items.</summary>
    List,

    /// <summary>An object whose names are keys.</summary>
    Map,

    /// <summary>One of several objects, selected by a discriminator.</summary>
    Polymorphic,
}

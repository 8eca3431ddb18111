namespace Millrace.Serialization;

/// <summary>What a type looks like in JSON.</summary>
public enum TypeForm
{
    /// <summary>Any JSON: nothing says more.</summary>
    Any,

    /// <summary>What an id or a value holds, without anything around it.</summary>
    Value,

    /// <summary>One of several texts.</summary>
    Enumeration,

    /// <summary>An object with members.</summary>
    Object,

    /// <summary>An array of items.</summary>
    List,

    /// <summary>An object whose names are keys.</summary>
    Map,

    /// <summary>One of several objects; a discriminator says which.</summary>
    Polymorphic,
}

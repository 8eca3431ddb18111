namespace Millrace.Storage.Moves;

/// <summary>The kind of a column's values, with their CLR type; every value may be null.</summary>
public enum MovedKind
{
    /// <summary>Text (<see cref="string"/>).</summary>
    Text,

    /// <summary>Text for people, which may contain any characters (<see cref="string"/>).</summary>
    Prose,

    /// <summary>The name of a scope (<see cref="string"/>).</summary>
    Scope,

    /// <summary>The name of a stream (<see cref="string"/>).</summary>
    Stream,

    /// <summary>Whole numbers (<see cref="long"/>).</summary>
    Number,

    /// <summary>Booleans, as 1 or 0 (<see cref="long"/>).</summary>
    Flag,

    /// <summary>Instants, in microseconds since 1970 (<see cref="long"/>).</summary>
    Time,

    /// <summary>Ids (<see cref="Guid"/>).</summary>
    Id,

    /// <summary>Bytes, as an array.</summary>
    Bytes,

    /// <summary>Exact decimals (<see cref="decimal"/>).</summary>
    Decimal,

    /// <summary>Floating-point numbers (<see cref="double"/>).</summary>
    Real,
}

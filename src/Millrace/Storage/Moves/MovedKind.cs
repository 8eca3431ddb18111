namespace Millrace.Storage.Moves;

/// <summary>What the values of a column are, and how they are handed over; any may be null.</summary>
internal enum MovedKind
{
    /// <summary>Text (<see cref="string"/>).</summary>
    Text,

    /// <summary>Text for people, which may hold anything (<see cref="string"/>).</summary>
    Prose,

    /// <summary>The name of a scope (<see cref="string"/>).</summary>
    Scope,

    /// <summary>The name of a stream (<see cref="string"/>).</summary>
    Stream,

    /// <summary>Whole numbers (<see cref="long"/>).</summary>
    Number,

    /// <summary>Yes or no, as 1 or 0 (<see cref="long"/>).</summary>
    Flag,

    /// <summary>Instants, in microseconds since 1970 (<see cref="long"/>).</summary>
    Time,

    /// <summary>Ids (<see cref="Guid"/>).</summary>
    Id,

    /// <summary>Bytes, in an array.</summary>
    Bytes,

    /// <summary>Exact decimals (<see cref="decimal"/>).</summary>
    Decimal,

    /// <summary>Floating-point numbers (<see cref="double"/>).</summary>
    Real,
}

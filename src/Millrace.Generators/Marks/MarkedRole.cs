namespace Millrace.Generators.Marks;

/// <summary>The role of a type with marked members.</summary>
internal enum MarkedRole
{
    /// <summary>The type of an event. The subject can be the stream.</summary>
    Event,

    /// <summary>The type of the documents of a read model.</summary>
    Document,

    /// <summary>The answer of a command, which is stored for repeated requests.</summary>
    Answer,

    /// <summary>
    /// A command, a query or the answer of a query. It is encrypted at brokers, and refused after an erasure, so that
    /// its members need no erased value.
    /// </summary>
    Message,
}

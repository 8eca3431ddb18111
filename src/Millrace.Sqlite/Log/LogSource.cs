namespace Millrace.Sqlite.Log;

/// <summary>The source of a query's events: the log itself, or one of its indexes.</summary>
internal enum LogSource
{
    /// <summary>The whole log in order.</summary>
    Log,

    /// <summary>The events of a type.</summary>
    Type,

    /// <summary>The events with a tag.</summary>
    Tag,

    /// <summary>The events with a correlation id.</summary>
    Correlation,

    /// <summary>The events from a source.</summary>
    Source,

    /// <summary>The events of a stream.</summary>
    Stream,
}

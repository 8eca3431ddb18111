namespace Millrace;

/// <summary>Where the answer to a query came from.</summary>
public enum AnswerSource
{
    /// <summary>The handler computed the answer for this query.</summary>
    Handler,

    /// <summary>The answer came from the query cache of this process.</summary>
    ProcessCache,

    /// <summary>The answer came from the query cache that nodes share.</summary>
    SharedCache,
}

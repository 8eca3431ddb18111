namespace Millrace.Orleans.Calls;

/// <summary>The kinds of answers of the node that handles a command.</summary>
internal enum AnswerKind
{
    /// <summary>The command was handled.</summary>
    Handled,

    /// <summary>The command was not handled, because the node does not know it. The sender handles it.</summary>
    Unknown,

    /// <summary>
    /// The command failed before its commit, with an exception that cannot be written. The sender handles it again to
    /// get the exception.
    /// </summary>
    Repeat,

    /// <summary>The command was cancelled before its commit.</summary>
    Cancelled,

    /// <summary>The command failed with an exception that is written.</summary>
    Failed,
}

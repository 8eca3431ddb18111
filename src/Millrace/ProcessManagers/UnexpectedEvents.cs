namespace Millrace;

/// <summary>
/// Defines the action for events that a process cannot use, because their instance is unknown, they are too late, or
/// they are repeated.
/// </summary>
public enum UnexpectedEvents
{
    /// <summary>
    /// The process ignores them. An open instance records the event in its stream. This is the default.
    /// </summary>
    Ignore,

    /// <summary>
    /// They become dead letters of the process, unless another version of the process maps them to another instance.
    /// </summary>
    Refuse,
}

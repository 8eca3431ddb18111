namespace Millrace;

/// <summary>What happens to events that a process cannot use: of an unknown instance, too late, or repeated.</summary>
public enum UnexpectedEvents
{
    /// <summary>They are ignored; an open instance records the event in its stream. The default.</summary>
    Ignore,

    /// <summary>
    /// They become dead letters of the process, unless another version of the process maps them to another instance.
    /// </summary>
    Refuse,
}

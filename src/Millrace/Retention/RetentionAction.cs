namespace Millrace;

/// <summary>The actions of retention policies.</summary>
public enum RetentionAction
{
    /// <summary>Events are kept. Personal data in them may still be erased.</summary>
    Keep,

    /// <summary>Events are removed from the log.</summary>
    Delete,

    /// <summary>Events are written to a file and then removed from the log.</summary>
    Archive,
}

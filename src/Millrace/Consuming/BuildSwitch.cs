namespace Millrace;

/// <summary>Specifies when a rebuilt read model replaces the read model in use.</summary>
public enum BuildSwitch
{
    /// <summary>The rebuilt read model takes over as soon as it has caught up.</summary>
    Automatic,

    /// <summary>
    /// The rebuilt read model takes over when an operator requests it, for example after a comparison.
    /// </summary>
    Manual,
}

namespace Millrace;

/// <summary>When a read model that was built beside the one in use takes over.</summary>
public enum BuildSwitch
{
    /// <summary>As soon as it has caught up.</summary>
    Automatic,

    /// <summary>When somebody says so, such as after a comparison.</summary>
    Manual,
}

namespace Millrace;

/// <summary>The health that a service instance reports.</summary>
public enum ServiceHealth
{
    /// <summary>It works, and is found.</summary>
    Passing,

    /// <summary>It is running but cannot work; it is not found.</summary>
    Critical,
}

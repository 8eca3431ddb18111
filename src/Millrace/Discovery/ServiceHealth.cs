namespace Millrace;

/// <summary>What an instance of a service says of itself.</summary>
public enum ServiceHealth
{
    /// <summary>It works, and is found.</summary>
    Passing,

    /// <summary>It is there and cannot work; it is not found.</summary>
    Critical,
}

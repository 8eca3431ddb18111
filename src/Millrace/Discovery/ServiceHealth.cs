namespace Millrace;

/// <summary>The health that a service instance reports.</summary>
public enum ServiceHealth
{
    /// <summary>The instance works. <see cref="IServiceRegistry.Find"/> returns it.</summary>
    Passing,

    /// <summary>
    /// The instance is running but cannot work. <see cref="IServiceRegistry.Find"/> does not return it.
    /// </summary>
    Critical,
}

namespace Millrace;

/// <summary>Thrown when no healthy instance of a service is registered.</summary>
public sealed class ServiceNotFoundException(string service)
    : MillraceException(
        $"No healthy instance of the service '{service}' is registered. Start an instance, or check its health.")
{
    /// <summary>Gets the name of the service.</summary>
    public string Service { get; } = service;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

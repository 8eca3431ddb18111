namespace Millrace;

/// <summary>No healthy instance of a service is registered.</summary>
public sealed class ServiceNotFoundException(string service)
    : MillraceException(
        $"No healthy instance of the service '{service}' is registered. Start one, or look at what is wrong with it.")
{
    /// <summary>The service's name.</summary>
    public string Service { get; } = service;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

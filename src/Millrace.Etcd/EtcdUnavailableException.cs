namespace Millrace.Etcd;

/// <summary>Thrown when etcd is unavailable, or its answer was not valid; a retry may succeed.</summary>
public sealed class EtcdUnavailableException(string address, string problem, Exception? innerException = null)
    : MillraceException($"etcd at {address} is not available: {problem}", innerException)
{
    /// <summary>Gets the endpoints that were called.</summary>
    public string Address { get; } = address;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

namespace Millrace.Etcd;

/// <summary>etcd is away, or did not answer as it should; the same may succeed later.</summary>
public sealed class EtcdUnavailableException(string address, string problem, Exception? innerException = null)
    : MillraceException($"etcd at {address} is not available: {problem}", innerException)
{
    /// <summary>Where it was asked.</summary>
    public string Address { get; } = address;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

namespace Millrace.Etcd;

/// <summary>
/// Thrown when etcd refuses the client, or the client does not trust etcd: a user, a password, a permission or a
/// certificate is wrong.
/// </summary>
/// <remarks>The same call fails again until the options, or the users and certificates of etcd, are
/// corrected.</remarks>
public sealed class EtcdAccessException(string address, string problem, Exception? innerException = null)
    : MillraceException($"etcd at {address} cannot be used: {problem}", innerException)
{
    /// <summary>Gets the endpoints that were called.</summary>
    public string Address { get; } = address;
}

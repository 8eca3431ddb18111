using System.Security.Cryptography;
using Millrace.Auditing;

namespace Millrace;

/// <summary>Options of erasures.</summary>
public sealed class ErasureOptions
{
    private static readonly TimeSpan MaxSettleTime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets the private key that signs certificates: an ECDSA key on the curve P-256 as PEM (PKCS#8). Take it
    /// from a secret of the environment, not from the code. Required.
    /// </summary>
    public string? PrivateKeyPem { get; set; }

    /// <summary>
    /// Gets or sets whether requests are approved automatically once they are checked; false by default. It excludes
    /// <see cref="RequiresSecondUser"/>.
    /// </summary>
    public bool ApprovesAutomatically { get; set; }

    /// <summary>
    /// Gets or sets whether a request must be approved by another user than its requester; false by default.
    /// </summary>
    public bool RequiresSecondUser { get; set; }

    /// <summary>
    /// Gets or sets the rule for requests of erasures. It returns null to allow the request, and otherwise the
    /// reason for the refusal. Null, the default, allows all requests.
    /// </summary>
    public Func<ErasureRequest, CancellationToken, ValueTask<string?>>? MayRequest { get; set; }

    /// <summary>
    /// Gets or sets how long backups are kept, for the certificate; null, the default, if it is unknown. Backups of the
    /// store and of its keys together can still decrypt the data until then.
    /// </summary>
    public TimeSpan? BackupRetention { get; set; }

    /// <summary>
    /// Gets further places outside the reach of erasures, which certificates list, such as the archive of an
    /// e-mail provider; empty by default.
    /// </summary>
    public IList<string> OutOfReach { get; } = [];

    /// <summary>
    /// Gets or sets the time between the destruction of the keys and the removal of copies, in which commands that
    /// already read the data end on all nodes; 2 seconds by default, at most 10 minutes.
    /// </summary>
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets a hook for tests, which is called with the name of each recorded step.</summary>
    internal Action<string>? AfterStep { get; set; }

    /// <summary>Creates the private key. The caller disposes it.</summary>
    /// <exception cref="ArgumentException">An option is missing or invalid.</exception>
    internal ECDsa CreateKey()
    {
        if (SettleTime < TimeSpan.Zero || SettleTime > MaxSettleTime)
            throw new ArgumentException($"SettleTime: must be from 0 to 10 minutes, but is {SettleTime}.");
        if (ApprovesAutomatically && RequiresSecondUser)
            throw new ArgumentException(
                "ApprovesAutomatically: must be false if RequiresSecondUser is true, because no second user approves.");
        if (string.IsNullOrWhiteSpace(PrivateKeyPem))
            throw new ArgumentException(
                "Erasures need a key to sign their certificates: set PrivateKeyPem. Create one with openssl genpkey "
                    + "-algorithm EC -pkeyopt ec_paramgen_curve:P-256.");
        ECDsa? key;
        try
        {
            key = P256Key.ReadPrivate(PrivateKeyPem, passphrase: null);
        }
        catch (Exception exception) when (P256Key.IsProblem(exception))
        {
            throw new ArgumentException(
                $"PrivateKeyPem: must be a private ECDSA key on the curve P-256 as PEM (PKCS#8): {exception.Message}",
                exception);
        }
        return key ?? throw new ArgumentException("PrivateKeyPem: its curve is not P-256. Create a key on this curve.");
    }
}

using System.Security.Cryptography;
using Millrace.Storage;
using Net.Pkcs11Interop.Common;

namespace Millrace.Pkcs11;

/// <summary>
/// A master key in a PKCS#11 token. The token wraps data keys with AES-256-GCM, and the master key never leaves it.
/// Thread-safe: operations run one at a time, in one session.
/// </summary>
/// <remarks>
/// The session is opened again after it was lost, for example because the token was removed or restarted. A refused PIN
/// is not used again in this process, and the last attempt before a token locks its PIN is not made. An operation of a
/// token cannot be stopped: after <see cref="Pkcs11Options.CallTimeout"/> it continues in the background, and others
/// wait for it within their own time.
/// </remarks>
public sealed class Pkcs11MasterKey : IMasterKey, IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MaxAttempts = 2;

    private readonly Pkcs11Options _options;
    private readonly BoundedCalls _calls;

    // Only the running call uses these.
    private Pkcs11Session? _session;
    private byte[] _keyStore = [];

    private volatile string? _id;
    private volatile bool _isDisposed;

    /// <summary>Creates a master key. <see cref="Open"/> connects to the token.</summary>
    /// <param name="options">The options; later changes have no effect.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public Pkcs11MasterKey(Pkcs11Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options.Problems().ToList();
        if (problems.Count > 0)
            throw new ArgumentException("PKCS#11: " + string.Join(" ", problems), nameof(options));
        _options = options.Copy();
        _calls = new BoundedCalls(_options.CallTimeout, $"The PKCS#11 token {_options.TokenName}");
    }

    /// <inheritdoc/>
    public string Id => _id ?? throw NotOpen();

    /// <inheritdoc/>
    public async ValueTask Open(KeyStoreIdentity keyStore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keyStore);
        _id = await Run(
            session =>
            {
                _keyStore = keyStore.Id.ToByteArray(bigEndian: true);
                return session.Id;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> Wrap(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> context, CancellationToken cancellationToken)
    {
        if (_id is null)
            throw NotOpen();
        return await Run(
            session =>
            {
                var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
                var secret = key.ToArray();
                try
                {
                    return (byte[])[.. nonce, .. session.Encrypt(nonce, Authenticated(context), secret)];
                }
                finally
                {
                    CryptographicOperations.ZeroMemory(secret);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> Unwrap(
        ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> context, CancellationToken cancellationToken)
    {
        if (_id is null)
            throw NotOpen();
        if (wrapped.Length <= NonceBytes + TagBytes)
            throw Damaged(null);
        return await Run(session => Unwrap(session, wrapped, context), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the session. Later operations fail with <see cref="KeyStoreException"/>.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _calls.TryRun(CloseSession); // Otherwise the running call closes it.
    }

    private byte[] Unwrap(Pkcs11Session session, ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> context)
    {
        try
        {
            return session.Decrypt(
                wrapped[..NonceBytes].ToArray(), Authenticated(context), wrapped[NonceBytes..].ToArray());
        }
        catch (Pkcs11Exception exception) when (Pkcs11Failure.MayBeChangedBytes(exception.RV))
        {
            // Tokens report changed bytes with different errors, also with general ones. If the key works in a new
            // session, the bytes were changed.
            CloseSession();
            Connect();
            throw Damaged(exception);
        }
    }

    private Task<T> Run<T>(Func<Pkcs11Session, T> action, CancellationToken cancellationToken) =>
        _calls.Run(
            () =>
            {
                try
                {
                    return RunInSession(action);
                }
                finally
                {
                    if (_isDisposed)
                        CloseSession();
                }
            },
            cancellationToken);

    private T RunInSession<T>(Func<Pkcs11Session, T> action)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (_isDisposed)
                throw new KeyStoreException("The PKCS#11 master key was disposed.", StorageProblem.Closed);
            try
            {
                return action(_session ?? Connect());
            }
            catch (Pkcs11Exception exception)
            {
                // After an error, the state of a session is not certain.
                CloseSession();
                if (exception.RV == CKR.CKR_CRYPTOKI_NOT_INITIALIZED)
                    Pkcs11Module.Forget(_options.ModulePath);
                if (attempt == MaxAttempts || !Pkcs11Failure.IsSessionLost(exception.RV))
                    throw Pkcs11Failure.Of(exception, _options);
            }
        }
    }

    private Pkcs11Session Connect()
    {
        var session = Pkcs11Session.Open(_options);
        if (_id is { } known && session.Id != known)
        {
            session.Close();
            throw new KeyStoreException(
                $"The key '{_options.KeyLabel}' of the PKCS#11 token {_options.TokenName} was replaced by another key. "
                    + "Restore the former key, or configure both keys and wrap the data keys again.",
                StorageProblem.Other);
        }
        return _session = session;
    }

    private void CloseSession()
    {
        _session?.Close();
        _session = null;
    }

    /// <summary>Returns the bytes that are authenticated: the key store, and the data key with its owner.</summary>
    private byte[] Authenticated(ReadOnlyMemory<byte> context) => [.. _keyStore, .. context.Span];

    private static InvalidOperationException NotOpen() => new("The master key is not open: call Open first.");

    private static KeyStoreException Damaged(Exception? inner) =>
        new(
            "A stored data key cannot be unwrapped: its bytes were changed. Restore the key store from its backup.",
            StorageProblem.Damaged, inner);
}

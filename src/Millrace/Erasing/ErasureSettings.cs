using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Millrace.Erasing;

/// <summary>
/// The options of erasures, the key that signs certificates, and the values of running erasures, which are only in
/// memory. One object serves all tenants of an application. Thread-safe.
/// </summary>
internal sealed class ErasureSettings : IDisposable
{
    private readonly ConcurrentDictionary<(string Prefix, string Tenant, string Id), SubjectTrace> _traces = new();
    private readonly Lock _lock = new();
    private readonly ECDsa _key;

    /// <exception cref="ArgumentException">An option is missing or invalid.</exception>
    public ErasureSettings(ErasureOptions options)
    {
        Options = options;
        _key = options.CreateKey();
    }

    public ErasureOptions Options { get; }

    public ErasureCertificate Sign(byte[] content)
    {
        lock (_lock)
            return ErasureCertificate.Sign(content, _key);
    }

    public SubjectTrace? Find(ErasureScope scope, string id) =>
        _traces.GetValueOrDefault((scope.Prefix, scope.Tenant, id));

    public void Remember(ErasureScope scope, string id, SubjectTrace trace) =>
        _traces[(scope.Prefix, scope.Tenant, id)] = trace;

    public void Forget(ErasureScope scope, string id) => _traces.TryRemove((scope.Prefix, scope.Tenant, id), out _);

    public void Dispose() => _key.Dispose();
}

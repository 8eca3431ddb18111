using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Auditing.Sealing;
using Millrace.Consuming;

namespace Millrace.Auditing;

/// <summary>Adds the consumers that seal the log and write the anchors. Owns the key.</summary>
internal sealed class SealSetup : IDisposable
{
    private readonly SealOptions _options;
    private readonly SealSigner _signer;
    private readonly AnchorWriter _anchors;
    private readonly ConcurrentDictionary<string, AnchorWriter> _anchorsOfTenants = new(StringComparer.Ordinal);

    /// <exception cref="SealKeyException">The key cannot be used.</exception>
    public SealSetup(SealOptions options)
    {
        _options = options.Copy();
        if (_options.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _signer = SealSigner.Load(_options.KeyFile!, _options.Passphrase); // The options require the file.
        _anchors = new AnchorWriter(_options);
    }

    public void AddTo(ConsumerHost host, ILogger logger) => AddTo(host, logger, _anchors);

    /// <summary>Adds the consumers for the log of a tenant that has its own store.</summary>
    public void AddTo(ConsumerHost host, ILogger logger, string tenant) => AddTo(
        host,
        logger,
        _anchorsOfTenants.GetOrAdd(
            tenant, static (tenant, options) => new AnchorWriter(options.ForTenant(tenant)), _options));

    private void AddTo(ConsumerHost host, ILogger logger, AnchorWriter anchors)
    {
        host.Add(new SealProcessor(host.Store, _signer, _options, logger));
        if (_options.HasAnchors)
        {
            host.Add(new EventHandlerProcessor(anchors.Consumer(), host.Store.Types, static () => 1)
            {
                HasFixedWorkers = true,
            });
        }
    }

    public void Dispose()
    {
        _signer.Dispose();
        _anchors.Dispose();
        foreach (var (_, anchors) in _anchorsOfTenants)
            anchors.Dispose();
    }
}

namespace Millrace.Protection;

/// <summary>The ciphers of one place, one for each data key. Most places have one.</summary>
internal sealed class PlaceCiphers(ProtectionContext context) : IDisposable
{
    private Dictionary<string, PlaceCipher>? _others;
    private string? _keyId;
    private PlaceCipher? _first;

    public PlaceCipher Of(DataKey key)
    {
        if (_first is null)
            (_keyId, _first) = (key.Id, key.CipherOf(context));
        if (_keyId == key.Id)
            return _first;
        _others ??= new Dictionary<string, PlaceCipher>(StringComparer.Ordinal);
        if (!_others.TryGetValue(key.Id, out var cipher))
            _others[key.Id] = cipher = key.CipherOf(context);
        return cipher;
    }

    public void Dispose()
    {
        _first?.Dispose();
        if (_others is null)
            return;
        foreach (var cipher in _others.Values)
            cipher.Dispose();
    }
}

namespace Millrace.Protection;

/// <summary>Finds the data keys with which values are encrypted.</summary>
internal static class ValueKeys
{
    /// <summary>Returns the current key of each value. Creates the keys of new subjects.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public static async ValueTask<DataKey[]> Of(
        KeyRing keys, IReadOnlyList<MarkedValue> values, string tenant, CancellationToken cancellationToken)
    {
        var found = new DataKey[values.Count];
        for (var i = 0; i < found.Length; i++)
        {
            var owner = new KeyOwner(tenant, values[i].Subject, values[i].Mark.Kind);
            found[i] = keys.FindCurrent(owner)
                ?? await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
        }
        return found;
    }
}

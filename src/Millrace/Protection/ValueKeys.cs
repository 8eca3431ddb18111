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
            var value = values[i];
            if (i > 0 && value.Subject == values[i - 1].Subject && value.Mark.Kind == values[i - 1].Mark.Kind)
            {
                found[i] = found[i - 1];
                continue;
            }
            var owner = new KeyOwner(tenant, value.Subject, value.Mark.Kind);
            found[i] = keys.FindCurrent(owner)
                ?? await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
        }
        return found;
    }
}

using System.Globalization;

namespace Millrace;

/// <summary>
/// Identifies a set of backups: everything from which one store can be restored. Each new log epoch and each full
/// backup begins a set.
/// </summary>
/// <param name="Store">The id of the store.</param>
/// <param name="Epoch">The epoch of the log.</param>
/// <param name="Generation">The number of the set in this epoch, from 1.</param>
public sealed record BackupSetId(Guid Store, long Epoch, long Generation)
{
    /// <summary>Gets the prefix of the names of the set's objects.</summary>
    internal string Folder => string.Create(CultureInfo.InvariantCulture, $"{Store:N}/{Epoch:D6}-{Generation:D6}/");

    /// <summary>Returns the set of an object; null if the name is not that of an object of a set.</summary>
    internal static BackupSetId? Of(string name)
    {
        var parts = name.Split('/');
        if (parts.Length < 3 || !Guid.TryParseExact(parts[0], "N", out var store))
            return null;
        var numbers = parts[1].Split('-');
        return numbers.Length == 2
            && long.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            && long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            ? new BackupSetId(store, epoch, generation)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Store:N}/{Epoch}-{Generation}");
}

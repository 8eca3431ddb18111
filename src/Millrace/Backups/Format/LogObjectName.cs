using System.Globalization;
using System.Security.Cryptography;

namespace Millrace.Backups.Format;

/// <summary>
/// The name of an object with a part of the log:
/// <c>STORE/000001-000001/log/FROM-TO-FIRST-LAST-TIME-FLAGS-RANDOM.mrbk</c>. A part has one number, and a segment has
/// the numbers of the parts that it replaces.
/// </summary>
/// <param name="FromNumber">The number of the first part.</param>
/// <param name="ToNumber">The number of the last part.</param>
/// <param name="First">The position of the first event, or the position after the previous object.</param>
/// <param name="Last">The position of the last event.</param>
/// <param name="LastTime">The time of the last event, in milliseconds since 1970.</param>
/// <param name="HasRemovals">True if the changes contain removals of events.</param>
/// <param name="FollowsGap">True if changes between the object before and this one are missing.</param>
/// <param name="Name">The whole name.</param>
/// <param name="Size">The size in bytes.</param>
internal sealed record LogObjectName(
    long FromNumber,
    long ToNumber,
    long First,
    long Last,
    long LastTime,
    bool HasRemovals,
    bool FollowsGap,
    string Name,
    long Size)
{
    private const string Extension = ".mrbk";
    private const char RemovalsFlag = 'r';
    private const char GapFlag = 'g';
    private const char CompleteFlag = 'c';
    private const char NoFlag = 'n';

    /// <summary>
    /// Gets whether this object and earlier ones contain all changes up to its last position, which ends a transaction.
    /// </summary>
    public bool HasAllChanges { get; init; }

    public bool IsPart => FromNumber == ToNumber;

    /// <summary>
    /// Gets the label of the last part that the object contains. The store notes it when changes were backed up.
    /// </summary>
    public string Label => string.Create(CultureInfo.InvariantCulture, $"{ToNumber}-{Suffix}");

    /// <summary>Gets the random characters of the name.</summary>
    public string Suffix => Name[(Name.LastIndexOf('-') + 1)..^Extension.Length];

    /// <summary>Returns a new name with these values. <see cref="Name"/> and <see cref="Size"/> are not used.</summary>
    /// <param name="folder">The folder of the set.</param>
    /// <param name="suffix">The random characters; null for new ones. A segment has those of its last part.</param>
    public string Create(string folder, string? suffix = null)
    {
        var removals = HasRemovals ? RemovalsFlag : NoFlag;
        var gap = FollowsGap ? GapFlag : NoFlag;
        var complete = HasAllChanges ? CompleteFlag : NoFlag;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}log/{FromNumber:D12}-{ToNumber:D12}-{First:D15}-{Last:D15}-{LastTime:D14}-"
                + $"{removals}{gap}{complete}-{suffix ?? Random()}{Extension}");
    }

    /// <summary>Parses the name; null for an object that is not a part of the log.</summary>
    public static LogObjectName? Parse(string name, long size)
    {
        var file = name[(name.LastIndexOf('/') + 1)..];
        var parts = file.Split('-');
        if (parts.Length != 7 || !file.EndsWith(Extension, StringComparison.Ordinal))
            return null;
        Span<long> numbers = stackalloc long[5];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }
        return new LogObjectName(
            numbers[0],
            numbers[1],
            numbers[2],
            numbers[3],
            numbers[4],
            parts[5].Contains(RemovalsFlag, StringComparison.Ordinal),
            parts[5].Contains(GapFlag, StringComparison.Ordinal),
            name,
            size)
        {
            HasAllChanges = parts[5].Contains(CompleteFlag, StringComparison.Ordinal),
        };
    }

    /// <summary>Returns characters that make the names of two nodes that write at the same time different.</summary>
    public static string Random() => RandomNumberGenerator.GetHexString(8, lowercase: true);
}

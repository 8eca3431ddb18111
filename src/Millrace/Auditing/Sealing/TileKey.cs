using System.Globalization;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// The place of a tile: up to 256 hashes of one level of the Merkle tree. A hash of level 0 is a leaf, and a hash of
/// the next level is the root over a full tile of the level below.
/// </summary>
/// <param name="Level">The level, from 0.</param>
/// <param name="Index">The index of the tile in its level, from 0.</param>
internal readonly record struct TileKey(int Level, long Index)
{
    /// <summary>The maximum number of hashes in a tile.</summary>
    public const int Width = 256;

    /// <summary>The height of the subtree over a full tile.</summary>
    public const int Height = 8;

    /// <summary>The first characters of all keys.</summary>
    public const string Prefix = "tile-";

    /// <summary>Returns the number of hashes at a level of a tree.</summary>
    public static long CountAt(int level, long size) => size >> (Height * level);

    /// <summary>Returns the number of levels with at least one hash.</summary>
    public static int LevelsOf(long size)
    {
        var levels = 0;
        while (CountAt(levels, size) > 0)
            levels++;
        return levels;
    }

    /// <summary>Returns the number of hashes that the tile has in a tree of a size.</summary>
    public int WidthIn(long size) => (int)Math.Clamp(CountAt(Level, size) - Index * Width, 0, Width);

    /// <summary>Returns the key of the document. Keys of one level have the order of the tiles.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Level}-{Index:D17}");
}

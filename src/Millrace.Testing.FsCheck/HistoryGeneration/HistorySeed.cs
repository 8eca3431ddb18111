using System.Globalization;
using FsCheck;
using Microsoft.FSharp.Core;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>Formats the seed of a failure: two numbers of the generator, and its size.</summary>
internal static class HistorySeed
{
    public static string Text(Rnd seed, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{seed.Seed},{seed.Gamma},{size}");

    public static FSharpOption<FsCheck.Replay>? Parse(string? text)
    {
        if (text is null)
            return null;
        var parts = text.Split(',');
        var culture = CultureInfo.InvariantCulture;
        if (parts is [var seed, var gamma, var size] && ulong.TryParse(seed, culture, out var first)
            && ulong.TryParse(gamma, culture, out var second) && int.TryParse(size, culture, out var parsedSize))
        {
            return new FsCheck.Replay(new Rnd(first, second), FSharpOption<int>.Some(parsedSize));
        }
        throw new ArgumentException($"'{text}' is no seed: copy the one that a failure shows.", nameof(text));
    }
}

using System.Globalization;
using Commerce.Tests.Operations;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Saves the files of a failed run in a directory: the logs, the payments, the mail, and the output of each program.
/// </summary>
internal static class ChaosBundle
{
    /// <summary>Writes a bundle and returns its directory.</summary>
    public static async Task<string> Write(ChaosWorld world, string replayCommand, int seed, Exception failure)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"millrace-chaos-{seed}-");
        var directory = Directory.CreateTempSubdirectory(name).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(directory, "README.txt"),
            ReadMe(replayCommand, string.Join('\n', world.Faults.Timeline), failure));
        foreach (var store in world.ShopStores.Concat(world.OtherStores))
        {
            var file = $"{store.Name}.jsonl";
            var (code, _, error) = await OperatorTool.RunOn(store.Address, "export", Path.Combine(directory, file));
            if (code != 0)
                await File.WriteAllTextAsync(Path.Combine(directory, file + ".failed.txt"), error);
        }
        Copy(world.Data.Folder, Path.Combine(directory, "data"));
        for (var number = 0; number < world.DatabaseLogs.Count; number++)
            File.Copy(world.DatabaseLogs[number], Path.Combine(directory, $"postgresql-{number + 1}.log"));
        return directory;
    }

    private static string ReadMe(string replayCommand, string timeline, Exception failure) => $"""
        A failed chaos run of the shop.

        This command repeats the same faults, as far as timing allows: {replayCommand}
        The log of each store, if it could be read:
          millrace import NAME.jsonl --store NAME.db --create
          millrace processes --store NAME.db
        The store of the payment service is in data/till, and the mail is in data/mail.

        Kills and restarts:
        {timeline}

        Failure:
        {failure}
        """;

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? to);
            File.Copy(file, copy);
        }
    }
}

using System.Globalization;
using System.Text.Json;

namespace Millrace.Faults.Tests;

/// <summary>
/// The files of a failed round in a directory, from which a developer can check the round again and rerun it.
/// </summary>
internal sealed record FaultBundle(
    RoundPlan Plan, long Before, IReadOnlyList<Operation> History, IReadOnlyList<LogRow> Rows)
{
    private const string PlanFile = "plan.json";
    private const string HistoryFile = "history.jsonl";
    private const string RowsFile = "log.jsonl";

    /// <summary>Returns the problems of the round.</summary>
    public List<string> Problems() => RoundCheck.Problems(History, Rows, Before);

    /// <summary>Writes a bundle and returns its directory.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="logs">The logs of the nodes and of the database.</param>
    public async Task<string> Write(IReadOnlyList<string> problems, IEnumerable<string> logs)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"millrace-faults-{Plan.Seed}-{Plan.Round}-");
        var directory = Directory.CreateTempSubdirectory(name).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(directory, "README.txt"),
            $"A failed round of faults on PostgreSQL.\n\nReproduce it with: {Plan.ReplayCommand}\nPlan: {Plan}\n\n"
                + $"{string.Join('\n', problems)}\n");
        await File.WriteAllTextAsync(
            Path.Combine(directory, PlanFile), JsonSerializer.Serialize(new PlanRecord(Plan, Before)));
        await File.WriteAllLinesAsync(
            Path.Combine(directory, HistoryFile), History.Select(operation => JsonSerializer.Serialize(operation)));
        await File.WriteAllLinesAsync(
            Path.Combine(directory, RowsFile), Rows.Select(row => JsonSerializer.Serialize(row)));
        foreach (var log in logs.Where(File.Exists))
            File.Copy(log, Path.Combine(directory, Path.GetFileName(log)), overwrite: true);
        return directory;
    }

    /// <summary>Reads a bundle.</summary>
    public static async Task<FaultBundle> Read(string directory)
    {
        var planRecord =
            JsonSerializer.Deserialize<PlanRecord>(await File.ReadAllTextAsync(Path.Combine(directory, PlanFile)))
            ?? throw new InvalidDataException("The plan is empty.");
        return new FaultBundle(
            planRecord.Plan,
            planRecord.Before,
            await ReadAll<Operation>(directory, HistoryFile),
            await ReadAll<LogRow>(directory, RowsFile));
    }

    private static async Task<List<T>> ReadAll<T>(string directory, string file)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(directory, file));
        return
        [
            .. lines.Select(line =>
                JsonSerializer.Deserialize<T>(line) ?? throw new InvalidDataException($"{file} has an empty line.")),
        ];
    }

    private sealed record PlanRecord(RoundPlan Plan, long Before);
}

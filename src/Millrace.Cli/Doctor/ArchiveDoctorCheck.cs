using Millrace.Cli.Commands;
using Millrace.Cli.Output;
using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace.Cli.Doctor;

/// <summary>Checks that the place of a store's archive can be used, and has all segments.</summary>
internal sealed class ArchiveDoctorCheck(OpenStore open)
{
    private const string Check = "archive";

    /// <summary>Returns the finding; none if the store has no archive.</summary>
    public async Task<IReadOnlyList<Finding>> Run(CancellationToken cancellationToken)
    {
        if (open.IsPart || await StoreArchive.FindPlace(open.Store, cancellationToken) is not { } place)
            return []; // The store of all tenants has the archive.
        try
        {
            return [await Compare(place, cancellationToken)];
        }
        catch (ObjectStorageException exception)
        {
            return [Lost($"The archive in {place.Description} cannot be read: {exception.Message}")];
        }
        catch (CliException exception) when (exception.Code == ExitCode.Store)
        {
            return
            [
                new Finding(
                    Check, Severity.Warning, exception.Message, "The archive was not examined.", exception.Hint),
            ];
        }
    }

    private async Task<Finding> Compare(ArchivePlace place, CancellationToken cancellationToken)
    {
        var archive = await ArchiveCommand.Find(open, cancellationToken);
        var segments = archive is null
            ? []
            : await archive.List(cancellationToken)
                .Where(static segment => segment.State == ArchiveSegmentState.Archived)
                .ToListAsync(cancellationToken);
        var stored = await ArchivePlaces.Open(place).List("", cancellationToken)
            .Select(static one => one.Name)
            .ToHashSetAsync(cancellationToken: cancellationToken);
        var missing = segments.Where(segment => !stored.Contains(segment.Name)).ToList();
        if (missing.Count == 0)
            return Finding.Ok(
                Check,
                $"{place.Description} has all {Counted.Of(segments.Count, "segment")} of the archive. To read them: "
                    + "millrace archive check.");
        var events = TextTable.Number(missing.Sum(static segment => (long)segment.Events));
        return Lost(stored.Count == 0
            ? $"{place.Description} is empty, but should contain {Counted.Of(segments.Count, "segment")} with {events} "
                + "archived events."
            : $"{place.Description} lacks {TextTable.Number(missing.Count)} of "
                + $"{Counted.Of(segments.Count, "segment")} with {events} archived events, such as "
                + $"'{missing[0].Name}'.");
    }

    private static Finding Lost(string message) => new(
        Check,
        Severity.Problem,
        message,
        "Reads of archived events fail; all others work.",
        "Mount the disk of the place or restore its copy. Then run: millrace archive check");
}

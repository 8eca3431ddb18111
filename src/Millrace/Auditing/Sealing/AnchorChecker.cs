using System.Text;

namespace Millrace.Auditing.Sealing;

/// <summary>Compares the anchors of a file with the seals of a log.</summary>
internal sealed class AnchorChecker(FindingList findings, SealChain chain, long head)
{
    private readonly List<SealedRoot> _roots = [];

    /// <summary>Gets the number of anchors.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the last position that a matching anchor covers.</summary>
    public long Through { get; private set; }

    /// <summary>Gets the number of records of removals in the last matching anchor.</summary>
    public long Removals { get; private set; }

    /// <summary>Gets the roots of the anchors that are not equal to a seal of the log.</summary>
    public IReadOnlyList<SealedRoot> Roots => _roots;

    /// <summary>Returns the number of lines of a file.</summary>
    public static async ValueTask<long> CountLines(string path, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var _ in File.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
            count++;
        return count;
    }

    /// <summary>
    /// Compares the first lines of a file. Lines that were added during the verification can be of later seals.
    /// </summary>
    public async ValueTask Read(string path, long lines, CancellationToken cancellationToken)
    {
        var before = Count;
        var (number, partial) = (0, default(string));
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            if (number == lines)
                break;
            number++;
            // A node that is killed while it writes leaves a part of a line, and the whole line follows.
            if (partial is not null && !line.StartsWith(partial, StringComparison.Ordinal))
                ReportUnreadable(path, number - 1);
            partial = null;
            if (line.Length == 0)
                continue;
            if (SealJson.TryRead(Encoding.UTF8.GetBytes(line), out var anchor))
                Check(anchor, $"The anchor in line {number} of '{path}'");
            else
                partial = line;
        }
        if (partial is not null)
            ReportUnreadable(path, number);
        if (Count == before)
            findings.Add(SealFindingKind.AnchorMismatch, $"'{path}' contains no anchors.");
    }

    private void ReportUnreadable(string path, int line) =>
        findings.Add(SealFindingKind.AnchorMismatch, $"Line {line} of '{path}' is not an anchor.");

    private void Check(Seal anchor, string name)
    {
        Count++;
        var found = chain.Find(anchor.Number);
        if (found?.Identity == SealChain.IdentityOf(anchor))
        {
            (Through, Removals) = (Math.Max(Through, anchor.Size), Math.Max(Removals, anchor.Removals.Count));
            return;
        }
        if (chain.ProblemOfSignature(anchor) is { } signature)
        {
            findings.Add(SealFindingKind.AnchorMismatch, $"{name} cannot be used: {signature.Problem}.");
            return;
        }
        if (anchor.Size > head)
        {
            findings.Add(
                SealFindingKind.EventMissing,
                $"{name} covers the positions up to {anchor.Size}, but the log ends at {head}: its end was removed.");
            return;
        }
        findings.Add(
            SealFindingKind.AnchorMismatch,
            found is { } seal
                ? $"{name} differs from seal {anchor.Number} at position {seal.Position}: the seal was replaced."
                : $"{name} is of seal {anchor.Number}, which is not in the log: the seal was removed.");
        _roots.Add(new SealedRoot(anchor.Size, anchor.Root, name));
    }
}

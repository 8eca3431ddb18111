using Millrace.Auditing;
using Millrace.Reporting;

namespace Millrace;

/// <summary>
/// Writes reports for auditors: about the processing of personal data, the control of financial data and the retention
/// of data. A report contains no values of events, and data subjects only by their ids. Thread-safe.
/// </summary>
public sealed class Reports
{
    internal const string AuditPrefix = "report.";

    private readonly EventStore _store;
    private readonly ReportLog _log;
    private readonly ReportDeclaration? _declared; // A tool uses the one in the log.
    private readonly SealEvidence _evidence;
    private readonly bool _hasAudit;
    private readonly string _tenant;

    internal Reports(
        EventStore store, ReportDeclaration? declared, SealEvidence evidence, bool hasAudit, string tenant)
    {
        (_store, _declared, _evidence, _hasAudit, _tenant) = (store, declared, evidence, hasAudit, tenant);
        _log = new ReportLog(store);
    }

    /// <summary>
    /// Returns the reports of a store for tools. They use what the application declared in the log.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="tenant">The tenant to which the store belongs; empty without tenants.</param>
    public static Reports Of(EventStore store, string tenant = "")
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(tenant);
        return new Reports(store, null, new SealEvidence(), hasAudit: false, tenant);
    }

    /// <summary>
    /// Writes a report to a stream, which is not closed. The rows are streamed. Before the first byte is written, the
    /// report is recorded in the audit trail, if the store has one.
    /// </summary>
    /// <param name="request">The kind, the period and the format.</param>
    /// <param name="output">The stream.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentException">The period does not end after its start.</exception>
    /// <exception cref="SealKeyException">A public key cannot be read.</exception>
    /// <exception cref="IOException">A file with anchors cannot be read.</exception>
    public async Task<ReportSummary> Write(
        ReportRequest request, Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(output);
        var now = _store.Time.GetUtcNow();
        if (request.From >= (request.To ?? now))
            throw new ArgumentException("The period must end after its start.", nameof(request));
        if (_declared is not null)
            await _log.Declare(_declared, cancellationToken).ConfigureAwait(false);
        var head = (await _store.GetToken(cancellationToken).ConfigureAwait(false)).Position;
        var period = new ReportPeriod(request.From, request.To, head, now);
        var content = await Create(request, period, cancellationToken).ConfigureAwait(false);
        await Record(request, period, cancellationToken).ConfigureAwait(false);
        await (request.Format == ReportFormat.Html
            ? ReportHtmlWriter.Write(content, output, cancellationToken)
            : ReportJsonWriter.Write(content, output, cancellationToken)).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new ReportSummary(content.Findings.Count, head);
    }

    /// <summary>
    /// Extends the deadline of a request to erase data from one to three months after its receipt (GDPR, article
    /// 12(3)). An extension after the first month has no effect, and is a finding of the report. The first extension
    /// applies.
    /// </summary>
    /// <param name="erasure">The id of the request.</param>
    /// <param name="reason">The reason. It is stored unencrypted, so it must not contain personal data.</param>
    /// <param name="by">The user who extends the deadline.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ErasureNotFoundException">There is no such request.</exception>
    public async Task ExtendDeadline(
        string erasure, string reason, string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        if (await Erasures.Of(_store).Find(erasure, cancellationToken).ConfigureAwait(false) is null)
            throw new ErasureNotFoundException(erasure);
        await _log.Extend(new DeadlineExtension(erasure, reason, by), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records the declaration of the application, unless the last one is the same.</summary>
    internal Task Declare(CancellationToken cancellationToken) =>
        _declared is null ? Task.CompletedTask : _log.Declare(_declared, cancellationToken);

    private async Task<ReportContent> Create(
        ReportRequest request, ReportPeriod period, CancellationToken cancellationToken)
    {
        var declared = new DeclarationHistory(period);
        await declared.Read(_store, cancellationToken).ConfigureAwait(false);
        var evidence = request.VerifiesSeals ? request.Evidence ?? _evidence : null;
        return request.Kind switch
        {
            ReportKind.Gdpr =>
                await new GdprReport(_store, declared, period).Create(cancellationToken).ConfigureAwait(false),
            ReportKind.Sox =>
                await new SoxReport(_store, declared, period).Create(evidence, cancellationToken).ConfigureAwait(false),
            ReportKind.Retention => await new RetentionReport(_store, declared.Declared, period, _tenant)
                .Create(cancellationToken).ConfigureAwait(false),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request.Kind, "There is no such report."),
        };
    }

    private async Task Record(ReportRequest request, ReportPeriod period, CancellationToken cancellationToken)
    {
        if (!_hasAudit && !await AuditTrail.ExistsIn(_store, cancellationToken).ConfigureAwait(false))
            return;
        var entry = new AuditEntry(
            AuditPrefix + ReportTexts.NameOf(request.Kind), period.ToString(), AuditResult.Succeeded)
        {
            User = request.By,
            Origin = request.Origin,
        };
        await AuditTrails.Of(_store).Record(entry, cancellationToken).ConfigureAwait(false);
    }
}

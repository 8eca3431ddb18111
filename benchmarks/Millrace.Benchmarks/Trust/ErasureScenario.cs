using System.Diagnostics;
using System.Security.Cryptography;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// Measures the erasure of a subject that has one percent of the events of an encrypted log. The time includes the
/// verification of every place and the signed certificate.
/// </summary>
internal sealed class ErasureScenario : IScenario
{
    private const string Subject = "customer-1";
    private const int EventsPerAppend = 100;
    private const double GoalMs = 5_000;

    public IReadOnlyList<string> Names { get; } = ["erase-subject", "verify-certificate"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var log = await run.Storage.NewStore(run, events: 0);
        await using var application = await TrustApplication.StartEncrypted(
            log,
            TrustApplication.KeyFileIn(directory),
            millrace => millrace.AddErasures(options => options.PrivateKeyPem = key.ExportPkcs8PrivateKeyPem()));
        var ofSubject = run.Sizes.LogEvents / 100;
        await Stores.Fill(application.Store, run.Sizes.LogEvents - ofSubject);
        await AddSubject(application.Store, ofSubject);
        await log.Settle();

        var erasures = application.Get<Erasures>();
        var request = new ErasureRequest("erasure-1", Subject, "benchmark", "ann");
        var searched = Stopwatch.GetTimestamp();
        await erasures.Request(request, CancellationToken.None);
        var search = Stopwatch.GetElapsedTime(searched);
        await erasures.Approve(request.Id, "ben", CancellationToken.None);
        var started = Stopwatch.GetTimestamp();
        var erased = await erasures.CarryOut(request.Id, CancellationToken.None);
        var duration = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        if (erased.State != ErasureState.Confirmed || erased.Certificate is not { } certificate)
            throw new InvalidOperationException($"The erasure is {erased.State}: {erased}.");
        return
        [
            BenchmarkResult.OfLimit(Names[0], "ms", duration, raw: null, GoalMs) with
            {
                Note = $"{ofSubject:N0} of {run.Sizes.LogEvents:N0} events. The request with its search took "
                    + $"{search.TotalMilliseconds:N0} ms more; 2,000 ms are ErasureOptions.SettleTime.",
            },
            Verify(certificate, key.ExportSubjectPublicKeyInfoPem()),
        ];
    }

    private BenchmarkResult Verify(ErasureCertificate certificate, string publicKey)
    {
        var started = Stopwatch.GetTimestamp();
        if (!certificate.IsSignedBy(publicKey))
            throw new InvalidOperationException("The signature of the certificate is wrong.");
        return BenchmarkResult.OfLimit(
            Names[1], "ms", Stopwatch.GetElapsedTime(started).TotalMilliseconds, raw: null, limit: 1_000);
    }

    /// <summary>Appends events with different values in their encrypted members.</summary>
    private static async Task AddSubject(EventStore store, int events)
    {
        for (var n = 0; n < events; n += EventsPerAppend)
        {
            var batch = new object[Math.Min(EventsPerAppend, events - n)];
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i] = SampleLines.Instance.Line(n + i) with
                {
                    Customer = $"ada.{n + i}@example.org",
                    Note = $"Ring twice at door number {n + i}, code 4711",
                };
            }
            await store.Append(new StreamId(Subject), ExpectedVersion.Any, batch);
        }
    }
}

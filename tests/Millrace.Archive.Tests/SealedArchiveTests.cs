using System.Security.Cryptography;
using Millrace.Auditing.Sealing;

namespace Millrace.Archive.Tests;

/// <summary>Tests that seals cover archived events.</summary>
public sealed class SealedArchiveTests
{
    [Theory]
    [StoreKinds]
    public async Task Seals_are_verified_with_archived_events(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        var key = Path.Combine(fixture.Place, "key.pem");
        using (var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem());
        await fixture.Append("order-1", 12);
        await fixture.Store.Truncate(new StreamId("order-1"), 3, "a test", "ann");
        using var signer = SealSigner.Load(key, null);
        await fixture.Store.Storage.Documents.EnsureCollection(SealStore.Collection, default);
        var writer = await SealWriter.Open(fixture.Store, signer, 1, default);
        while (await writer.SealNext(default) is not null)
        {
        }

        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });

        Assert.Equal(10, await fixture.CountArchived());
        Assert.Empty((await new LogSeals(fixture.Store).Verify(new SealEvidence())).Findings);
        foreach (var segment in fixture.Segments())
            File.Delete(segment);
        await using var other = await fixture.Open();
        Assert.NotEmpty((await new LogSeals(other).Verify(new SealEvidence())).Findings);
    }
}

using System.Security.Cryptography;
using System.Text;
using Millrace.Auditing.Merkle;
using Millrace.Auditing.Sealing;
using Millrace.Storage;
using Millrace.Storage.Caching;

namespace Millrace.Tests.Auditing;

/// <summary>Tests of attackers that know the format: they recompute hashes, and sign with a key.</summary>
public sealed class SealAttackTests
{
    [Fact]
    public async Task A_log_that_was_rebuilt_with_another_key_is_detected()
    {
        using var file = await SealedFile.Copy();
        using var attacker = new SealKeys();
        File.Delete(file.Path);
        await SealedLog.Fill(file.Open(), attacker);

        var withAnchors = await file.Verify(file.Keys.Evidence() with { KeyFiles = [] });
        var withKey = await file.Verify(file.Keys.Evidence() with { AnchorFiles = [] });
        var withNothing = await file.Verify(new SealEvidence());

        Assert.Contains(withAnchors.Findings, finding => finding.Kind == SealFindingKind.AnchorMismatch);
        Assert.Contains(withAnchors.Findings, finding => finding.Kind == SealFindingKind.RootChanged);
        Assert.Contains(withKey.Findings, finding => finding.Kind == SealFindingKind.KeyUnknown);
        Assert.True(withNothing.IsSound); // This is why the key and the anchors must be outside the database.
    }

    [Fact]
    public async Task A_log_that_was_rebuilt_with_the_stolen_key_is_detected_by_the_anchors()
    {
        using var file = await SealedFile.Copy();
        var anchors = await File.ReadAllTextAsync(file.Keys.Anchors);
        File.Delete(file.Path);
        await SealedLog.Fill(file.Open(), file.Keys);
        await File.WriteAllTextAsync(file.Keys.Anchors, anchors);

        var report = await file.Verify();

        Assert.Equal(4, report.Findings.Count(finding => finding.Kind == SealFindingKind.AnchorMismatch));
        Assert.Equal(0, report.AnchoredThrough);
    }

    [Fact]
    public async Task An_event_that_is_changed_behind_a_copy_in_memory_is_detected()
    {
        using var file = await SealedFile.Copy();
        var cached = new CachedStorage(file.Open(), new LogReplica());
        await cached.Open(default); // Reads the whole log.
        file.Run("UPDATE events SET payload = x'7B7D' WHERE position = 10");

        var report = await SealedLog.Verify(cached, file.Keys.Evidence());

        Assert.Contains(report.Findings, finding => finding is { Kind: SealFindingKind.EventChanged, Position: 10 });
    }

    [Fact]
    public async Task Seals_of_an_unknown_key_are_one_finding_after_the_changed_event()
    {
        using var file = await SealedFile.Copy();
        using var other = new SealKeys();
        file.Run("UPDATE events SET payload = x'7B7D' WHERE position = 10");

        var report = await file.Verify(file.Keys.Evidence() with { KeyFiles = [other.PublicKey], AnchorFiles = [] });

        Assert.Equal(SealFindingKind.EventChanged, report.Findings[0].Kind);
        var unknown = Assert.Single(report.Findings, finding => finding.Kind == SealFindingKind.KeyUnknown);
        Assert.StartsWith("4 seals are signed with the unknown key", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seal_that_was_signed_again_with_another_key_is_detected()
    {
        using var file = await SealedFile.Copy();
        using var attacker = new SealKeys();
        using var signer = SealSigner.Load(attacker.Key, null);
        await Replace(file, last => signer.Sign(last));

        var withAnchors = await file.Verify(file.Keys.Evidence() with { KeyFiles = [] });
        var withKey = await file.Verify(file.Keys.Evidence() with { AnchorFiles = [] });

        Assert.Contains(
            withAnchors.Findings,
            finding => finding is { Kind: SealFindingKind.AnchorMismatch }
                && finding.Message.Contains("the seal was replaced", StringComparison.Ordinal));
        Assert.Contains(withKey.Findings, finding => finding.Kind == SealFindingKind.KeyUnknown);
    }

    [Theory]
    [InlineData("size")]
    [InlineData("root")]
    [InlineData("previous")]
    [InlineData("time")]
    [InlineData("log")]
    [InlineData("removals")]
    public async Task A_changed_value_of_a_seal_makes_its_signature_wrong(string value)
    {
        using var file = await SealedFile.Copy();
        await Replace(file, last => value switch
        {
            "size" => last with { Size = last.Size - 1 },
            "root" => last with { Root = MerkleHash.Leaf([1]) },
            "previous" => last with { Previous = MerkleHash.Leaf([1]) },
            "time" => last with { Time = last.Time.AddDays(-1) },
            "log" => last with { Log = Guid.NewGuid() },
            _ => last with { Removals = default },
        });

        var report = await file.Verify(file.Keys.Evidence() with { AnchorFiles = [] });

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.SealInvalid }
                && finding.Message.Contains("its signature is wrong", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1L << 56)]
    [InlineData(long.MaxValue)]
    public async Task A_seal_of_an_impossible_size_is_not_a_seal(long size)
    {
        using var file = await SealedFile.Copy();
        await Replace(file, last => last with { Size = size });

        var report = await file.Verify(file.Keys.Evidence() with { AnchorFiles = [] });

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.SealInvalid }
                && finding.Message.Contains("is not a seal", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("unknown curve")]
    [InlineData("P-384")]
    public async Task A_seal_with_an_unsuitable_key_has_a_wrong_signature(string kind)
    {
        using var file = await SealedFile.Copy();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var key = kind == "P-384" ? other.ExportSubjectPublicKeyInfo() : [];
        if (kind == "unknown curve")
        {
            using var signer = SealSigner.Load(file.Keys.Key, null);
            key = signer.PublicKey.ToArray();
            key[22] = 0x7f; // The last byte of the curve's object identifier.
        }
        await Replace(file, last =>
        {
            var forged = last with { PublicKey = key, Key = SealSigner.IdOf(key) };
            return forged with
            {
                Signature = other.SignData(
                    Encoding.ASCII.GetBytes(forged.Text),
                    HashAlgorithmName.SHA256,
                    DSASignatureFormat.Rfc3279DerSequence),
            };
        });

        var report = await file.Verify(new SealEvidence());

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.SealInvalid }
                && finding.Message.Contains("its signature is wrong", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_event_with_a_recomputed_hash_is_detected_by_the_root()
    {
        using var file = await SealedFile.Copy();
        file.Run("UPDATE events SET payload = x'7B7D' WHERE position = 300");
        await using (var store = await EventStore.Open(file.Open(), EventTypeMap.Empty))
        {
            var documents = store.Storage.Documents;
            var tile = new TileKey(0, 1);
            var hashes = (await SealStore.ReadTile(documents, tile, default))!;
            await foreach (var recorded in store.ReadLog(EventFilter.All, after: 299).Take(1))
                hashes[299 - TileKey.Width] = new LeafEncoder().Hash(recorded);
            await Write(store, SealStore.ChangeOf(tile, hashes));
            var above = new TileKey(1, 0);
            var roots = (await SealStore.ReadTile(documents, above, default))!;
            roots[1] = SealedTree.RootOf(hashes, 0, TileKey.Width);
            await Write(store, SealStore.ChangeOf(above, roots));
        }

        var report = await file.Verify();

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.RootChanged }
                && finding.Message.Contains("from 1 to 300", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Findings, finding => finding.Kind == SealFindingKind.EventChanged);
    }

    [Fact]
    public async Task An_end_that_was_removed_together_with_its_seal_is_detected_by_the_anchors()
    {
        using var file = await SealedFile.Copy();
        using var before = await SealedFile.Copy();
        before.Run("DELETE FROM events WHERE position > 500"); // A database as it was before the later seals.
        using (var signer = SealSigner.Load(before.Keys.Key, null))
        {
            // The attacker resets the state, and removes the seals whose events are left.
            before.Run("DELETE FROM {tiles}");
            before.Run("DELETE FROM events WHERE position >= 301");
            before.Run("DELETE FROM removals; UPDATE streams SET first_version = 1, state = 0");
            before.Run("DELETE FROM streams WHERE id NOT IN (SELECT stream FROM events)");
            before.Run("DELETE FROM events WHERE position > 290");
            await using var store = await EventStore.Open(before.Open(), EventTypeMap.Empty);
            await SealedLog.Seal(store, signer);
        }
        File.Copy(file.Keys.Anchors, before.Keys.Anchors, overwrite: true);

        var report = await before.Verify();

        Assert.Contains(
            report.Findings,
            finding => finding is { Kind: SealFindingKind.EventMissing }
                && finding.Message.Contains("its end was removed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", "is not an anchor")]
    [InlineData("", "contains no anchors")]
    [InlineData("not json", "is not an anchor")]
    public async Task A_file_without_readable_anchors_is_a_finding(string text, string expected)
    {
        using var file = await SealedFile.Copy();
        await File.WriteAllTextAsync(file.Keys.Anchors, text);

        var report = await file.Verify();

        Assert.Contains(
            report.Findings,
            finding => finding.Kind == SealFindingKind.AnchorMismatch
                && finding.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_file_of_anchors_or_of_a_key_is_an_error()
    {
        using var file = await SealedFile.Copy();

        await Assert.ThrowsAsync<FileNotFoundException>(
            () => file.Verify(new SealEvidence { AnchorFiles = [file.Path + ".none"] }));
        await Assert.ThrowsAsync<SealKeyException>(
            () => file.Verify(new SealEvidence { KeyFiles = [file.Path + ".none"] }));
        await Assert.ThrowsAsync<SealKeyException>(() => file.Verify(new SealEvidence { KeyFiles = [file.Path] }));
    }

    [Fact]
    public async Task A_store_that_was_never_sealed_is_not_sound()
    {
        using var keys = new SealKeys();
        using var file = new ShopFile();
        await using (var store = await EventStore.Open(file.Open(), EventTypeMap.Empty))
            await SealedLog.Append(store, 5);

        var report = await SealedLog.Verify(file.Open(), new SealEvidence());

        Assert.Equal(SealFindingKind.NotSealed, Assert.Single(report.Findings).Kind);
    }

    /// <summary>Replaces the last seal in its event and in the state.</summary>
    private static async Task Replace(SealedFile file, Func<Seal, Seal> change)
    {
        SealState state;
        await using (var store = await EventStore.Open(file.Open(), EventTypeMap.Empty))
        {
            state = await SealState.Read(store.Storage.Documents, default);
            await Write(store, (state with { Last = change(state.Last!) }).Change());
        }
        var payload = Convert.ToHexString(SealJson.Write(change(state.Last!)));
        file.Run(
            $"UPDATE events SET payload = x'{payload}' WHERE version = {state.Number} "
                + "AND stream = (SELECT id FROM streams WHERE name = '$seals')");
    }

    private static Task<CommitOutcome> Write(EventStore store, DocumentChange change) =>
        store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, default);
}

using System.Globalization;
using System.Security.Cryptography;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Keys;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that no byte of a destroyed key remains in any file of a key store.</summary>
public sealed class DestroyedKeyTests : IDisposable
{
    private const int Keys = 300;

    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();

    private string KeyPath => _directory["keys.db"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task No_file_contains_the_bytes_of_a_destroyed_key()
    {
        await using var keys = await Open();
        var added = await AddKeys(keys, 60);
        Assert.All(added, key => Assert.True(IsStored(key.Wrapped), "The search finds no stored key."));

        for (var i = 0; i < Keys; i += 2)
            await Destroy(keys, i);

        for (var i = 0; i < Keys; i++)
            Assert.Equal(i % 2 == 1, IsStored(added[i].Wrapped));
    }

    [Theory]
    [InlineData(60, 1_500)]
    [InlineData(1_500, 60)]
    [InlineData(200, 5_000)]
    public async Task No_file_contains_the_former_or_current_bytes_of_a_rewrapped_key_that_was_destroyed(
        int before, int after)
    {
        await using var keys = await Open();
        var added = await AddKeys(keys, before);
        var rewrapped = added.ConvertAll(key => key with
        {
            Wrapped = RandomNumberGenerator.GetBytes(after),
            MasterKeyId = "master-2",
        });
        foreach (var key in rewrapped.OrderBy(key => key.Id, StringComparer.Ordinal))
            Assert.True(await keys.Rewrap(key, "master-1", CancellationToken.None));

        for (var i = 0; i < Keys; i += 11)
            await Destroy(keys, i);

        for (var i = 0; i < Keys; i += 11)
        {
            Assert.False(IsStored(rewrapped[i].Wrapped), $"The bytes of key {i} remain.");
            Assert.False(IsStored(added[i].Wrapped), $"The former bytes of key {i} remain.");
        }
    }

    [Fact]
    public async Task A_copy_of_a_key_in_an_unused_part_of_the_file_is_removed_before_the_key_is_destroyed()
    {
        var added = await Fill();
        PlantCopy(added[3]);
        Assert.Equal(2, CountStored(added[3].Wrapped));
        await using var keys = await Open();

        await Destroy(keys, 3);

        Assert.Equal(0, CountStored(added[3].Wrapped));
        Assert.Equal(1, CountStored(added[4].Wrapped));
        Assert.Equal(added[4].Id, (await keys.Find([added[4].Id], CancellationToken.None)).Single().Id);
    }

    [Fact]
    public async Task No_file_contains_a_destroyed_key_after_the_program_was_killed()
    {
        var added = await Fill();
        var destroyed = new List<int>();
        for (var round = 0; round < 3; round++)
        {
            var acknowledged = 20 + (30 * round);
            // A few more, so that the kill interrupts it, but not so many that none remain for the next round.
            using var peer = await Peer.Start("destroy", KeyPath, $"{Keys}", $"{acknowledged + 30}");
            for (var i = 0; i < acknowledged; i++)
            {
                var line = await peer.ReadLine();
                Assert.StartsWith("ACK ", line, StringComparison.Ordinal);
                destroyed.Add(int.Parse(line!.AsSpan(4), CultureInfo.InvariantCulture));
            }
            await peer.Kill();

            Assert.All(destroyed, i => Assert.False(IsStored(added[i].Wrapped), $"The bytes of key {i} remain."));
        }

        Assert.Equal(150, destroyed.Distinct().Count());
        await using var keys = await Open();
        foreach (var key in await keys.Find([.. added.Select(key => key.Id)], CancellationToken.None))
        {
            var index = added.FindIndex(other => other.Id == key.Id);
            Assert.True(key.State == KeyState.Destroyed || !destroyed.Contains(index), $"Key {index} returned.");
            Assert.Equal(key.State != KeyState.Destroyed, IsStored(added[index].Wrapped));
        }
    }

    private static async Task Destroy(SqliteKeyStore keys, int index) =>
        Assert.Single(await keys.Destroy(
            new KeyOwner("", $"customer-{index}", KeyOwner.AllKinds), Now, CancellationToken.None));

    private static async Task<List<KeyRecord>> AddKeys(SqliteKeyStore keys, int wrappedBytes)
    {
        var added = new List<KeyRecord>();
        for (var i = 0; i < Keys; i++)
        {
            added.Add(await keys.Add(
                new KeyRecord
                {
                    Id = KeyFile.DestroyedRecord(new KeyOwner("", "", ""), Now).Id,
                    Owner = new KeyOwner("", $"customer-{i}", "personal"),
                    Wrapped = RandomNumberGenerator.GetBytes(wrappedBytes),
                    MasterKeyId = "master-1",
                    CreatedAt = Now,
                },
                CancellationToken.None));
        }
        return added;
    }

    private async Task<List<KeyRecord>> Fill()
    {
        await using var keys = await Open();
        return await AddKeys(keys, 60);
    }

    /// <summary>Leaves a copy of a key in a free page, as a program without <c>secure_delete</c> would.</summary>
    private void PlantCopy(KeyRecord key)
    {
        using var other = Connection.Open(KeyPath, ConnectionKind.Write, TimeSpan.Zero);
        other.Execute("PRAGMA secure_delete = OFF; CREATE TABLE copies (bytes BLOB)");
        other.Get("INSERT INTO copies VALUES (?1)").Bind(1, key.Wrapped.Span).Run();
        other.ForgetStatements();
        other.Execute("DROP TABLE copies");
    }

    private async Task<SqliteKeyStore> Open()
    {
        var keys = new SqliteKeyStore(KeyPath);
        await keys.Open(CancellationToken.None);
        return keys;
    }

    /// <summary>Returns true if any file contains any 16 adjacent bytes of a key.</summary>
    private bool IsStored(ReadOnlyMemory<byte> wrapped)
    {
        foreach (var file in Directory.GetFiles(_directory["."]).Select(File.ReadAllBytes))
        {
            for (var start = 0; start + 16 <= wrapped.Length; start += 44)
            {
                if (file.AsSpan().IndexOf(wrapped.Span.Slice(start, 16)) >= 0)
                    return true;
            }
        }
        return false;
    }

    private int CountStored(ReadOnlyMemory<byte> wrapped) =>
        Directory.GetFiles(_directory["."]).Sum(path => File.ReadAllBytes(path).AsSpan().Count(wrapped.Span));
}

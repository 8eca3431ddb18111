namespace Millrace.Sqlite.Tests;

/// <summary>Tests of the text that identifies a log.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_has_one_identity_and_its_copy_another_one()
    {
        var (path, copy) = (_directory["shop.db"], _directory["copy.db"]);
        await using var first = await TestData.Open(path);
        await using var second = await TestData.Open(path);
        await first.Maintenance.Backup(copy, null, default);
        await using var copied = await TestData.Open(copy);

        var identity = await first.Maintenance.GetIdentity(default);

        Assert.NotNull(identity);
        Assert.Equal(identity, await second.Maintenance.GetIdentity(default));
        Assert.NotEqual(identity, await copied.Maintenance.GetIdentity(default));
        await second.Maintenance.StartEpoch(default);
        Assert.NotEqual(identity, await first.Maintenance.GetIdentity(default));
    }
}

using Millrace.Auditing;
using Millrace.Auditing.Sealing;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that two stores cannot write their anchors to one file.</summary>
public sealed class SharedAnchorFileTests : IDisposable
{
    private readonly SealKeys _keys = new();

    public void Dispose() => _keys.Dispose();

    [Fact]
    public async Task A_file_with_anchors_of_another_log_is_refused_and_not_changed()
    {
        using (var setup = new SealSetup(_keys.Options()))
        {
            await using var first = await TestNode.Start(
                new InMemoryStorage(), host => setup.AddTo(host, host.Logger), null);
            await first.Append("ada", new Loaded("ada", 1));
            await first.WaitUntil(
                AnchorWriter.ConsumerName, status => status.LagEvents == 0 && File.Exists(_keys.Anchors));
        }
        var before = await File.ReadAllTextAsync(_keys.Anchors);
        using var otherSetup = new SealSetup(_keys.Options());
        await using var other = await TestNode.Start(
            new InMemoryStorage(), host => otherSetup.AddTo(host, host.Logger), null);
        await other.Append("ada", new Loaded("ada", 1));

        var status = await other.WaitUntil(AnchorWriter.ConsumerName, status => status.Problem is not null);

        Assert.Contains("contains anchors of another log", status.Problem!.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_keys.Anchors));
    }
}

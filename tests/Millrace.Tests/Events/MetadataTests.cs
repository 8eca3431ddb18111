using System.Text;
using Millrace.Events;

namespace Millrace.Tests.Events;

/// <summary>Tests how well-formed and malformed metadata is stored and read.</summary>
public sealed class MetadataTests
{
    [Fact]
    public async Task Append_metadata_with_a_lone_surrogate_is_refused_and_nothing_is_written()
    {
        await using var store = await TestData.Store();
        var request = new AppendRequest { Metadata = new EventMetadata { UserId = "anna\ud83d" } };
        request.To(new StreamId("order-1"), ExpectedVersion.Any, [TestData.Event()]);

        var refused = await Assert.ThrowsAsync<InvalidNameException>(() => store.Append(request));

        Assert.Equal("text in metadata", refused.Kind);
        Assert.Equal(0, (await store.GetToken()).Position);
        // The next append succeeds.
        await store.Append(new StreamId("order-1"), ExpectedVersion.NoStream, [TestData.Event()]);
    }

    [Fact]
    public void Default_encrypted_fields_are_read_back_as_default()
    {
        var metadata = new EventMetadata { Encryption = new EncryptionInfo("AES", "key", default) };

        Assert.Equal(metadata, Read(Encoding.UTF8.GetString(MetadataJson.Write(metadata).Span)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("{}{}")]
    [InlineData("{\"user\":5}")]
    [InlineData("{\"user\":\"\\ud800\"}")]
    [InlineData("{\"encryption\":5}")]
    [InlineData("{\"encryption\":{}}")]
    [InlineData("{\"encryption\":{\"algorithm\":1,\"key\":\"k\",\"fields\":[]}}")]
    [InlineData("{\"encryption\":{\"algorithm\":\"a\",\"key\":\"k\",\"fields\":{}}}")]
    [InlineData("{\"more\":[]}")]
    [InlineData("{\"more\":{\"a\":{\"b\":[1,null]}}}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public void Reading_bytes_that_are_no_metadata_never_throws(string bytes) => Assert.NotNull(Read(bytes));

    [Fact]
    public void Reading_the_bytes_of_a_hostile_file_as_metadata_never_throws()
    {
        foreach (var file in HostileFiles.Own.Concat(HostileFiles.Shared ?? []))
            Assert.NotNull(MetadataJson.Read(File.ReadAllBytes(file), "shop").Source);
    }

    private static EventMetadata Read(string json) => MetadataJson.Read(Encoding.UTF8.GetBytes(json), source: null);
}

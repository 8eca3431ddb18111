using System.Text.Json;

namespace Millrace.Tests.Erasing;

/// <summary>Tests the export of all data of a subject.</summary>
public sealed class SubjectExportTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        await _sample.GivenEvents();
        await _sample.GivenCopies();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task The_export_contains_the_values_of_the_subject_and_of_no_other()
    {
        await _sample.Erasures.Hold(ErasureSample.Ada, "lawsuit", "lawyer");

        var export = await _sample.Erasures.Export(ErasureSample.Ada);

        using var json = JsonDocument.Parse(export.Json);
        var events = json.RootElement.GetProperty("events");
        Assert.Equal(2, events.GetArrayLength());
        Assert.Equal(ErasureSample.Email, events[0].GetProperty("data").GetProperty("email").GetString());
        var guests = events[1].GetProperty("data").GetProperty("guests");
        Assert.Equal(ErasureSample.Name, guests[0].GetProperty("name").GetString());
        Assert.Equal("[withheld]", guests[1].GetProperty("name").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("documents").GetArrayLength());
        Assert.Equal("lawsuit", json.RootElement.GetProperty("legalHolds")[0].GetProperty("reason").GetString());
        var text = System.Text.Encoding.UTF8.GetString(export.Json.Span);
        Assert.DoesNotContain("bob", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Robert", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_values_of_the_subject_are_exported_as_such_and_those_of_others_are_withheld()
    {
        await _sample.Append("party-4", "party.planned", """{"host":{"name":"Ada King-Noel"},"hostId":1}""");
        await _sample.AppendPlain("party-4", "party.planned", """{"host":{"name":"Ada of old"}}""");
        await _sample.AppendPlain(
            "party-5", "party.planned", """{"guests":[{"id":1,"name":"Ada the guest"},{"id":2,"name":"Robert"}]}""");
        await _sample.AppendPlain("ticket-7", "party.planned", """{"host":{"name":"somebody"}}""");
        await _sample.AppendPlain(ErasureSample.Ada, "party.planned", """{"host":{"name":"unknown host"}}""");

        var export = await _sample.Erasures.Export(ErasureSample.Ada);

        using var json = JsonDocument.Parse(export.Json);
        var plain = json.RootElement.GetProperty("events").EnumerateArray()
            .Where(item => item.TryGetProperty("hasPlainValues", out var found) && found.GetBoolean())
            .Select(item => item.GetProperty("data").GetRawText().ReplaceLineEndings("").Replace(" ", "")).ToList();
        Assert.Equal(
            [
                """{"host":{"name":"Adaofold"}}""",
                """{"guests":[{"id":1,"name":"Adatheguest"},{"id":2,"name":"[withheld]"}]}""",
                """{"host":{"name":"unknownhost"}}""",
            ],
            plain);
        Assert.Contains("not encrypted and cannot be erased", export.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", export.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_self_contained_and_encodes_all_texts()
    {
        await _sample.Register(ErasureSample.Ada, "<script>alert(1)</script>");

        var html = (await _sample.Erasures.Export(ErasureSample.Ada)).Html;

        Assert.Contains(ErasureSample.Email, html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Robert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Legal holds", html, StringComparison.Ordinal); // There are none.
        Assert.DoesNotContain("<td></td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_erasure_the_export_contains_the_erasure_and_no_value()
    {
        await _sample.Erase();

        var export = await _sample.Erasures.Export(ErasureSample.Ada);

        var text = System.Text.Encoding.UTF8.GetString(export.Json.Span);
        Assert.DoesNotContain(ErasureSample.Email, text, StringComparison.Ordinal);
        Assert.DoesNotContain(ErasureSample.Name, text, StringComparison.Ordinal);
        Assert.Contains("\"state\": \"Confirmed\"", text, StringComparison.Ordinal);
    }
}

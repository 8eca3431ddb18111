using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>
/// An application with Millrace, minimal API and controllers on Kestrel, and a client that sends each target unchanged.
/// </summary>
public sealed class EchoApp : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(2) };
    private WebApplication? _app;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<EchoModel>());
        builder.Services.AddControllers().AddApplicationPart(typeof(EchoController).Assembly);
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            // The documentation describes these settings. Without them, minimal API reads bodies that Millrace refuses.
            options.SerializerOptions.NumberHandling = default;
            options.SerializerOptions.PropertyNameCaseInsensitive = false;
            options.SerializerOptions.AllowDuplicateProperties = false;
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        foreach (var type in EchoTypes.All.Concat(EchoTypes.Lists))
            type.Map(_app);
        _app.MapControllers();
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Returns the status and the bound value. Checks that a refusal of Millrace contains a detail.</summary>
    public async Task<string> Get(string target)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        Assert.True(
            Uri.TryCreate(_client.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, options, out var uri));
        using var response = await _client.GetAsync(uri);
        return await Read(response, target);
    }

    /// <summary>Sends a body, and returns the status and the bound value.</summary>
    public async Task<string> Post(string path, byte[] body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        using var response = await _client.PostAsync(path, content);
        return await Read(response, path);
    }

    private static async Task<string> Read(HttpResponseMessage response, string target)
    {
        var status = (int)response.StatusCode;
        var text = await response.Content.ReadAsStringAsync();
        if (target.StartsWith("/millrace/", StringComparison.Ordinal))
        {
            if (status == 200)
                return $"200 {JsonSerializer.Deserialize<string>(text)}";
            Assert.True(status is 400 or 404 or 413 or 415, $"{target}: {status} {text}");
            if (text.Length > 0)
                Assert.True(
                    JsonElement.Parse(text).GetProperty("detail").GetString() is { Length: > 0 }, $"{target}: {text}");
        }
        return status == 200 ? $"200 {text}" : $"{status}";
    }
}

#pragma warning disable CA1822 // Actions must be instance members.
/// <summary>A controller for the types that controllers bind differently from minimal API.</summary>
[ApiController]
public sealed class EchoController : ControllerBase
{
    [HttpGet("/controllers/query/decimal")]
    public string Decimal([FromQuery] decimal x) => EchoText.Of(x);

    [HttpGet("/controllers/query/intOrNull")]
    public string IntOrNull([FromQuery] int? x) => EchoText.Of(x);

    [HttpGet("/controllers/query/datetimeOrNull")]
    public string DateTimeOrNull([FromQuery] DateTime? x) => EchoText.Of(x);
}

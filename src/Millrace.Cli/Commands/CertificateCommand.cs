using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Verifies certificates of erasures. It needs no store.</summary>
internal static class CertificateCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("certificate", "Verifies certificates of erasures.")
        {
            Examples = [("certificate verify request-17.json --key public.pem", "Exit code 0 if it is valid")],
        };
        command.Subcommands.Add(Verify());
        return command;
    }

    private static ToolCommand Verify()
    {
        var file = new Argument<string>("FILE") { Description = "The file of the certificate." };
        var key = new Option<string>("--key")
        {
            HelpName = "PEM",
            Description = "The file with the public key, as PEM.",
            Required = true,
        };
        var command = new ToolCommand("verify", "Verifies the signature of a certificate, and shows its result.")
        {
            Examples =
            [
                ("certificate verify request-17.json --key public.pem", "Exit code 0 if it is valid, else 5"),
            ],
        };
        command.Arguments.Add(file);
        command.Options.Add(key);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var text = await Read(call.Get(file), cancellationToken);
            var pem = await Read(call.Get(key)!, cancellationToken); // The option is required.
            return Verify(call, text, pem);
        });
    }

    private static ExitCode Verify(ToolInvocation call, string text, string pem)
    {
        try
        {
            if (ReformattedCertificate.TryRead(text) is { } reformatted)
                throw new CliException(
                    ExitCode.Store,
                    reformatted.IsSignedBy(pem)
                        ? "The file was reformatted. The signature is valid for its content."
                        : "The file was reformatted. The signature is not valid for its content.",
                    "Verify the file as it was written.");
            var certificate = ErasureCertificate.Parse(text);
            if (!certificate.IsSignedBy(pem))
                throw new CliException(
                    ExitCode.Store, "The certificate is not valid: it was changed, or another key signed it.");
            return WriteResult(call, certificate);
        }
        catch (FormatException exception)
        {
            throw new CliException(ExitCode.Store, $"The certificate is not valid: {exception.Message}");
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static ExitCode WriteResult(ToolInvocation call, ErasureCertificate certificate)
    {
        using var json = JsonDocument.Parse(certificate.Content);
        var root = json.RootElement;
        var request = root.GetProperty("request");
        var (id, subject, result, issuedAt) = (
            request.GetProperty("id").GetString()!,
            request.GetProperty("subject").GetString()!,
            root.GetProperty("result").GetString()!,
            root.GetProperty("issuedAt").GetDateTimeOffset());
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteBoolean("isValid"u8, true);
                writer.WriteString("key"u8, certificate.KeyId);
                writer.WritePropertyName("certificate"u8);
                root.WriteTo(writer);
            });
            return ExitCode.Done;
        }
        call.Line($"The signature is valid (key {certificate.KeyId[..16]}).");
        call.Line($"Erasure {id} of {subject}: {result}, issued at {EventView.TimeOf(issuedAt)}.");
        foreach (var place in root.GetProperty("verified").EnumerateArray())
        {
            foreach (var finding in place.GetProperty("findings").EnumerateArray())
                call.Line($"Remaining data in {place.GetProperty("place").GetString()}: {finding.GetString()}");
        }
        return ExitCode.Done;
    }

    private static async Task<string> Read(string path, CancellationToken cancellationToken)
    {
        using var stream = InputFile.Open(path);
        return System.Text.Encoding.UTF8.GetString(await InputFile.ReadPayload(stream, cancellationToken));
    }
}

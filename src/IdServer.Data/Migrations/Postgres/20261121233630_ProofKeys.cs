using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace IdServer.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class ProofKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "proof_key",
                table: "refresh_tokens",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<string>(
                name: "proof_key",
                table: "authorization_codes",
                type: "text",
                nullable: true,
                collation: "C");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "proof_key",
                table: "refresh_tokens");

            migrationBuilder.DropColumn(
                name: "proof_key",
                table: "authorization_codes");
        }
    }
}
